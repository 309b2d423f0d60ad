using System.CommandLine;
using NasSync.Config;

namespace NasSync.Service.Commands;

/// <summary>The PATH arguments of <c>sync</c>, <c>plan</c> and <c>resolve</c>.</summary>
internal static class PathsArgument
{
    /// <summary>Creates an argument of any number of paths, including none.</summary>
    public static Argument<string[]> Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Manifests, job folders or outputs folders. Default: the configuration's outputsDir.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        paths.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError("A PATH is empty; leave it out to take the configuration's outputsDir.");
        });
        return paths;
    }

    /// <summary>The paths as full paths, or the outputs folder when none was given; null, after a message, when there is neither.</summary>
    public static IReadOnlyList<string>? OrOutputs(Shell shell, IReadOnlyList<string> paths, SyncConfig config)
    {
        if (paths.Count > 0) return [.. paths.Select(shell.FullPath)];
        if (config.OutputsDir is { } outputs) return [outputs];
        shell.Error.WriteLine("There is nothing to look at: give a PATH, or set outputsDir (or OUTPUTS_DIR) in the configuration. [OutputsDirUnset]");
        return null;
    }
}
