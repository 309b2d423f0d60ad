using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Templates;

namespace NasSync.PowerShell;

/// <summary>The failures of the cmdlets themselves, found before they call the core.</summary>
internal static class CmdletFailure
{
    public static Failure PathNotFound(string path) => new(
        FailureClass.Gone, "PathNotFound", $"Nothing is at '{path}'.",
        "Check the path, and whether its file system is mounted; -LiteralPath takes names with [, ] or * as they stand.");

    public static Failure InputNamesNothing(string why) => new(
        FailureClass.Invalid, "InputNamesNothing", why, "Send paths, files and folders, or what the cmdlets of NasSync write.");

    public static Failure InputIncomplete(string why) => new(
        FailureClass.Invalid,
        "InputIncomplete",
        why,
        "Take it as the cmdlets write it, Get-SyncManifest, Resolve-SyncRoute or Get-SyncFailure, or give it the member that is named.");

    public static Failure NoFailure(string why) => new(
        FailureClass.Invalid, "InputNamesNothing", why, "Send failures down the pipeline: Get-SyncFailure | Resume-ArtifactSync.");

    public static Failure NarrowsNothing(string why) => new(
        FailureClass.Invalid,
        "InputNamesNothing",
        why,
        "Name the job with -Path or -LiteralPath, its artifact with -Artifact, and its target, if only one is meant, with -Target.");

    public static Failure NotAFileSystem(string path, string provider) => new(
        FailureClass.Config, "NotAFileSystem", $"'{path}' belongs to the provider {provider}, not to a file system.",
        "Name a path of a file system drive.");

    public static Failure NoOutputsFolder() => new(
        FailureClass.Config, "OutputsDirUnset", "No path was given, and the configuration names no outputs folder.",
        "Give -Path, or set outputsDir in the configuration file or OUTPUTS_DIR in the environment.");

    public static Failure ConfigInvalid(string source, IReadOnlyList<ConfigProblem> problems)
    {
        var errors = problems.Where(problem => problem.Severity == ConfigSeverity.Error).ToList();
        var count = errors.Count == 1 ? "a mistake" : $"{errors.Count} mistakes";
        return new Failure(
            FailureClass.Config,
            "ConfigInvalid",
            $"The configuration {source} has {count}: {string.Join(" ", errors.Select(error => error.ToString()))}",
            "Correct what Test-SyncConfig lists, then run the command again.");
    }

    public static Failure DryWatch() => new(
        FailureClass.Config, "DryWatch", "The configuration says dryRun, and a watcher that changes nothing would say the same again and again.",
        "Take dryRun out, or see what would be done with Invoke-ArtifactSync -WhatIf.");

    public static Failure WatcherUnknown(int id) => new(
        FailureClass.Gone,
        "WatcherUnknown",
        $"This process has no watcher {id}.",
        "Get-SyncWatcher lists those there are; one that was stopped is listed no more.");

    public static Failure FailureUnknown(long id) => new(
        FailureClass.Gone,
        "FailureUnknown",
        $"The ledger knows no failure {id}.",
        "Get-SyncFailure lists those there are; this one was overcome or forgotten meanwhile, or never was.");

    public static Failure WaitTimedOut(SyncWatcher watcher, string seconds) => new(
        FailureClass.Transient, "WaitTimedOut", $"{watcher} had no more finished jobs within {seconds} s; it goes on.",
        "Wait again, or see Get-SyncFailure and the log for what it is at.");

    public static Failure FileExists(string path) => new(
        FailureClass.Conflict, "FileExists", $"'{path}' exists already and was left as it is.",
        "Choose another path, or give -Force to replace the file.");

    public static Failure NotWritable(string path, Exception error) => SystemFailure.NotWritable(path, error);

    public static Failure DestinationUnknown(string name, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone, "DestinationUnknown", $"The configuration has no destination {Failure.Quote(name)}; {NearestName.Cure(name, known)}",
        "Name a destination of the configuration, or a folder by its path, such as ./folder.");

    public static Failure RouteUnknown(string name, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone, "RouteUnknown", $"The configuration has no route {Failure.Quote(name)}; {NearestName.Cure(name, known)}",
        "Name a route by its number or by its pattern, such as audio/instrumental.");

    public static Failure CredentialUnused(string destination) => new(
        FailureClass.Config, "CredentialUnused", $"Nobody logs in with user and password at the destination {Failure.Quote(destination)}.",
        "Leave -Credential out; it is for SSH hosts, S3 buckets (access key id and secret access key) and rsync "
            + "daemons (the user stands in the target).");

    public static Failure NoVault(string reference) => new(
        FailureClass.Config, "VaultUnavailable", $"The secret vault:{reference} cannot be read: there is no command Get-Secret.",
        "Install-PSResource Microsoft.PowerShell.SecretManagement and a vault's module, then Register-SecretVault; or "
            + "give the secret as env:NAME or file:PATH.");

    public static Failure VaultRefused(string reference, Exception error) => new(
        FailureClass.Config, "VaultRefused", $"The secret vault:{reference} cannot be read: {error.Message.TrimEnd('.')}.",
        "Look with Get-SecretInfo; a vault that asks for its password must be unlocked beforehand, or be set not to ask.");

    public static Failure SampleInvalid(string sample) => new(
        FailureClass.Config, "SampleInvalid", $"{Failure.Quote(sample)} is no sample.",
        "Write a part such as 5%, or a number such as 200.");

    public static Failure TaskNameInvalid(string problem) => new(FailureClass.Config, "TaskNameInvalid", problem, "Give another -Name.");

    public static Failure TaskNotFound(string name, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        "TaskNotFound",
        $"There is no task {Failure.Quote(name)} of NasSync{Meant(name, known)}",
        "Get-SyncTask lists those that there are.");

    public static Failure ScheduleInvalid(string problem) =>
        new(FailureClass.Config, "ScheduleInvalid", problem, "Give another -Every, -RandomDelay or -TimeLimit.");

    public static Failure ConfigFileNeeded() => new(
        FailureClass.Config, "ConfigFileNeeded", "A task does not see the variables of this session, and there is no configuration file.",
        "Give -Config; New-SyncConfig writes one to begin with.");

    public static Failure NothingToApprove(string why) => new(
        FailureClass.Gone,
        "NothingToApprove",
        $"{why}, so there is nothing to accept.",
        "Check the name, and that -Config is the configuration that the error came from.");

    public static Failure SettingUnknown(string name, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        "SettingUnknown",
        $"The configuration has no setting {Failure.Quote(name)}{Meant(name, known)}",
        "Get-SyncConfig without a name lists all of them.");

    public static Failure JobNotFound(string job, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        "JobNotFound",
        $"There is no job {Failure.Quote(job)} here{Meant(job, known)}",
        "Get-SyncManifest lists the jobs that there are; case counts in their names.");

    public static Failure JobUnknown(string job, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone,
        "JobNotFound",
        UnknownJob.Nothing(job, known),
        "Get-SyncManifest lists the jobs that there are; Test-ArtifactSync the copies that were made.");

    public static Failure NoCopyOf(string job, IReadOnlyCollection<string> known) => new(
        FailureClass.Gone, "JobNotFound", UnknownJob.NoCopy(job, known), "Invoke-ArtifactSync makes copies; case counts in the names of jobs.");

    public static Failure AccountNeeded() => new(
        FailureClass.Config, "AccountNeeded", "As whom is the service to run? There is no -User, and nobody called sudo.",
        "Give -User, best an account of its own; -User root if it must be.");

    public static Failure WindowsAccountNeeded() => new(
        FailureClass.Config,
        "AccountNeeded",
        "As whom is the task to run on Windows? There is no -User, and your account of this machine is not one of Windows.",
        @"Give -User, best a group managed service account: -User 'CORP\nassync$'.");

    public static Failure NoScheduler() => new(
        FailureClass.Config, "NoScheduler", "This system has neither the Windows Task Scheduler nor systemd.",
        "Let its own scheduler run Invoke-ArtifactSync in pwsh.");

    public static Failure Unexpected(Exception error) => new(
        FailureClass.Bug, "Unexpected", $"NasSync met an error it does not know: {error.Message.TrimEnd('.')}.",
        "Report it with the output of 'Get-Error'.");

    // Of many names only the nearest is worth a sentence.
    private static string Meant(string name, IEnumerable<string> known) =>
        NearestName.Of(name, known) is { } nearest ? $"; did you mean {Failure.Quote(nearest)}?" : ".";
}
