using System.Text;

namespace NasSync.Scheduling;

/// <summary>Joins an argument vector to a Windows command line by the rules of <c>CommandLineToArgvW</c>.</summary>
internal static class WindowsArguments
{
    /// <summary>Joins the arguments; the program receives each of them unchanged.</summary>
    public static string Join(IEnumerable<string> arguments)
    {
        var line = new StringBuilder();
        foreach (var argument in arguments)
        {
            if (line.Length > 0) line.Append(' ');
            if (argument.Length > 0 && argument.AsSpan().IndexOfAny(" \t\n\v\"") < 0) line.Append(argument);
            else Quote(argument, line);
        }

        return line.ToString();
    }

    private static void Quote(string argument, StringBuilder line)
    {
        line.Append('"');
        var backslashes = 0;
        foreach (var c in argument)
        {
            if (c == '\\')
            {
                backslashes++;
                continue;
            }

            // A backslash is special only before a quote.
            line.Append('\\', c == '"' ? (2 * backslashes) + 1 : backslashes).Append(c);
            backslashes = 0;
        }

        line.Append('\\', 2 * backslashes).Append('"');
    }
}
