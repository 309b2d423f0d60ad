using NasSync.Templates;

namespace NasSync.PowerShell;

/// <summary>What can go wrong in the cmdlets themselves, before the core is asked.</summary>
internal static class CmdletFailure
{
    public static Failure PathNotFound(string path) => new(
        FailureClass.Gone, "PathNotFound", $"Nothing is at '{path}'.",
        "Check the path, and whether its file system is mounted; -LiteralPath takes names with [, ] or * as they stand.");

    public static Failure NotAFileSystem(string path, string provider) => new(
        FailureClass.Config, "NotAFileSystem", $"'{path}' belongs to the provider {provider}, not to a file system.",
        "Name a path of a file system drive.");

    public static Failure NoOutputsFolder() => new(
        FailureClass.Config, "NoOutputsFolder", "No path was given, and the configuration names no outputs folder.",
        "Give -Path, or set outputsDir in the configuration file or OUTPUTS_DIR in the environment.");

    public static Failure ConfigInvalid(string source, IReadOnlyList<ConfigProblem> problems)
    {
        var errors = problems.Where(problem => problem.Severity == ConfigSeverity.Error).ToList();
        var count = errors.Count == 1 ? "a mistake" : $"{errors.Count} mistakes";
        return new Failure(
            FailureClass.Config, "ConfigInvalid", $"The configuration {source} has {count}: {string.Join(" ", errors.Select(error => error.ToString()))}",
            "Mend what Test-SyncConfig lists, then run the command again.");
    }

    public static Failure FileExists(string path) => new(
        FailureClass.Conflict, "FileExists", $"'{path}' exists already and was left as it is.",
        "Choose another path, or give -Force to replace the file.");

    public static Failure NotWritable(string path, Exception error) => new(
        FailureClass.Permission, "NotWritable", $"'{path}' cannot be written: {error.Message.TrimEnd('.')}.",
        "Check that its folder exists and that you may write there.");

    public static Failure DestinationUnknown(string name, IReadOnlyCollection<string> known) => new(
        FailureClass.Config, "DestinationUnknown", $"The configuration has no destination {Failure.Quote(name)}; {NearestName.Cure(name, known)}",
        "Name a destination of the configuration, or a folder by its path, such as ./folder.");

    public static Failure Unexpected(Exception error) => new(
        FailureClass.Bug, "Unexpected", $"NasSync met an error it does not know: {error.Message.TrimEnd('.')}.",
        "Report it with the output of 'Get-Error'.");
}
