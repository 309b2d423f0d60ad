using System.CommandLine;
using NasSync.Transfers;

namespace NasSync.Service.Commands;

/// <summary>The options that select single artifacts of the jobs at a command's paths.</summary>
internal sealed class ItemOptions
{
    private readonly Argument<string[]> _paths;

    private readonly Option<string[]> _artifact = new("--artifact")
    {
        Description = "Only this artifact of the jobs at the PATHs, relative to its job folder; may be repeated.",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> _target = new("--target")
    {
        Description = "Only this target of the one --artifact, as the tables show it; may be repeated.",
        HelpName = "TARGET",
        AllowMultipleArgumentsPerToken = false,
    };

    private ItemOptions(Argument<string[]> paths) => _paths = paths;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="paths">The command's paths: the artifacts belong to the jobs there.</param>
    public static ItemOptions AddTo(Command command, Argument<string[]> paths)
    {
        var options = new ItemOptions(paths);
        command.Options.Add(options._artifact);
        command.Options.Add(options._target);
        command.Validators.Add(result =>
        {
            var (artifacts, targets) = (result.GetValue(options._artifact) ?? [], result.GetValue(options._target) ?? []);
            if (artifacts.Concat(targets).Any(value => value.Length == 0)) result.AddError("--artifact and --target take a name, and it is empty.");
            if (artifacts.Length > 0 && result.GetResult(paths) is not { Tokens.Count: > 0 })
                result.AddError("--artifact chooses among the artifacts of the jobs that are named: give a PATH too.");
            if (targets.Length > 0 && artifacts.Length != 1)
                result.AddError("--target chooses among the targets of one artifact: give one --artifact too.");
        });
        return options;
    }

    /// <summary>The selected items of the manifests at the paths; empty means all of them.</summary>
    public IReadOnlyList<MeantItem> Of(ParseResult parsed, Shell shell)
    {
        var targets = (parsed.GetValue(_target) ?? []).Select(target => Full(target, shell)).ToList<string?>();
        if (targets.Count == 0) targets.Add(null);
        return
        [
            .. from path in parsed.GetValue(_paths) ?? []
               from artifact in parsed.GetValue(_artifact) ?? []
               from target in targets
               select new MeantItem(shell.FullPath(path), Plain(artifact), target),
        ];
    }

    // Shells complete to ./a//b.m4a; the manifest has a/b.m4a.
    private static string Plain(string artifact) =>
        artifact.StartsWith('/') ? artifact : string.Join('/', artifact.Split('/').Where(part => part is not ("" or ".")));

    // name:path stays as it is; a path is relative to the current folder of the shell.
    private static string Full(string target, Shell shell) =>
        target.AsSpan().IndexOfAny(':', '/') is > 1 and var at && target[at] == ':' ? target : shell.FullPath(target);
}
