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

    /// <summary>The paths as full paths, or the outputs folder when none was given.</summary>
    /// <exception cref="FailureException">There is neither.</exception>
    public static IReadOnlyList<string> OrOutputs(Shell shell, IReadOnlyList<string> paths, SyncConfig config) => paths.Count > 0
        ? [.. paths.Select(shell.FullPath)]
        : [config.OutputsDir ?? throw new FailureException(CommandFailure.NothingToLookAt())];
}
