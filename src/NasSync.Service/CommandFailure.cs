using System.Globalization;
using NasSync.Ledgers;
using NasSync.Templates;

namespace NasSync.Service;

/// <summary>What can be wrong with what a command was given. The cmdlets have the same codes, and so the same exit codes.</summary>
internal static class CommandFailure
{
    /// <summary>The words of the command line are wrong.</summary>
    public static Failure WordsWrong(string problem, string command) =>
        new(FailureClass.Config, "CommandInvalid", problem, $"See: {command} --help");

    /// <summary>The ledger has no failures of these numbers.</summary>
    public static Failure FailureUnknown(IEnumerable<long> ids) => new(
        FailureClass.Gone,
        "FailureUnknown",
        $"The ledger knows no failure {string.Join(", ", ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))}.",
        "It was overcome or forgotten meanwhile, or never was. See: nassync status --failed");

    /// <summary>The ledger has neither a copy nor a failure of a job.</summary>
    public static Failure JobUnknown(string job, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone, "JobNotFound", UnknownJob.Nothing(job, known), "Name a job by its job_id, as its manifest has it.");

    /// <summary>The ledger has no copy of a job.</summary>
    public static Failure NoCopyOf(string job, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone, "JobNotFound", UnknownJob.NoCopy(job, known), "Name a job by its job_id; nassync sync makes copies.");

    /// <summary>No destination has the name.</summary>
    public static Failure DestinationUnknown(string name, IEnumerable<string> known) => new(
        FailureClass.Gone,
        "DestinationUnknown",
        $"The configuration has no destination {Failure.Quote(name)}; {NearestName.Cure(name, known.Order(StringComparer.Ordinal))}",
        "Name a destination of the configuration, or a folder by its path, such as ./folder.");

    /// <summary>There is nothing that could be taken as it is now.</summary>
    public static Failure NothingToAccept(string why) => new(
        FailureClass.Gone,
        "NothingToApprove",
        $"{why}, so there is nothing to accept.",
        "Check the name, and that --config is the configuration that the error came from; nassync status lists the places.");

    /// <summary>No outputs folder is configured, and the command needs one.</summary>
    public static Failure NoOutputsFolder(string what) => new(
        FailureClass.Config,
        "OutputsDirUnset",
        $"The configuration names no outputs folder, so there is nothing to {what}.",
        "Set nasSync.outputsDir or OUTPUTS_DIR.");

    /// <summary>No path was given, and no outputs folder is configured.</summary>
    public static Failure NothingToLookAt() => new(
        FailureClass.Config,
        "OutputsDirUnset",
        "No path was given, and the configuration names no outputs folder, so there is nothing to look at.",
        "Give a PATH, or set outputsDir (or OUTPUTS_DIR) in the configuration.");

    /// <summary>A watcher that changes nothing.</summary>
    public static Failure DryWatch() => new(
        FailureClass.Config,
        "DryWatch",
        "The configuration says dryRun, and a watcher that changes nothing would say the same again and again.",
        "Take dryRun out, or run: nassync plan");

    /// <summary>A file that is not to be replaced.</summary>
    public static Failure FileExists(string path) => new(
        FailureClass.Conflict,
        "FileExists",
        $"{path} is there already and was left as it is.",
        "Choose another path, or give --force to replace the file.");

    /// <summary>A service of the system without an account, or with one that cannot be.</summary>
    public static Failure AccountNeeded(string? given) => new(
        FailureClass.Config,
        "AccountNeeded",
        given is null
            ? "As whom is the service to run? There is no --run-as, and nobody called sudo."
            : $"{Failure.Quote(given)} is no name of an account.",
        "Give --run-as USER, best an account of its own; --run-as root if it must be.");

    /// <summary>A unit cannot have the name.</summary>
    public static Failure TaskNameInvalid(string problem) => new(FailureClass.Config, "TaskNameInvalid", problem, "Give another --name.");

    /// <summary>A service needs a file, and the configuration is in variables.</summary>
    public static Failure ConfigFileNeeded() => new(
        FailureClass.Config,
        "ConfigFileNeeded",
        "A service does not see the variables of this shell, and there is no configuration file.",
        "Give a configuration file with --config; nassync config init writes one to begin with.");

    /// <summary>There is no systemd here.</summary>
    public static Failure NoScheduler() => new(
        FailureClass.Config,
        "NoScheduler",
        "This machine has no systemd.",
        OperatingSystem.IsWindows()
            ? "Use Register-SyncTask of the PowerShell module, which takes the Windows Task Scheduler."
            : "Let its own scheduler run 'nassync sync'.");
}
