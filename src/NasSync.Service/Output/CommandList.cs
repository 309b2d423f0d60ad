using System.CommandLine;

namespace NasSync.Service.Output;

/// <summary>
/// Corrects the list of commands in a help text. The library shows every argument there as mandatory; here an argument that is optional or may be
/// repeated looks as in its command's usage line.
/// </summary>
internal static class CommandList
{
    private const string Heading = "Commands:";
    private const int Gap = 2;

    /// <summary>The help text of a command with the corrected list.</summary>
    public static string In(string help, Command command)
    {
        var lines = help.Split('\n');
        var from = Array.FindIndex(lines, line => line.TrimEnd() == Heading) + 1;
        var to = from == 0 ? -1 : Array.FindIndex(lines, from, string.IsNullOrWhiteSpace);
        var labels = command.Subcommands.Where(one => one.Arguments is [{ Arity.MinimumNumberOfValues: 0 }])
            .ToDictionary(Shown, Meant, StringComparer.Ordinal);
        if (to < 0 || labels.Count == 0) return help;
        var column = command.Subcommands.Max(one => Shown(one).Length) + Gap;
        var wider = labels.Values.Max(label => label.Length) + Gap;
        for (var i = from; i < to; i++)
        {
            var label = lines[i][..Math.Min(column, lines[i].Length)].TrimEnd();
            lines[i] = labels.GetValueOrDefault(label, label).PadRight(Math.Max(column, wider)) + lines[i][Math.Min(column, lines[i].Length)..];
        }

        return string.Join('\n', lines);
    }

    private static string Shown(Command command) => $"  {command.Name}{string.Concat(command.Arguments.Select(argument => $" <{argument.Name}>"))}";

    private static string Meant(Command command) =>
        $"  {command.Name} [<{command.Arguments[0].Name}>{(command.Arguments[0].Arity.MaximumNumberOfValues > 1 ? "..." : "")}]";
}
