using NasSync.Destinations.Ssh;
using NasSync.Failures;

namespace NasSync.Destinations.Rsync;

/// <summary>Explains a failed run of rsync by its exit code, its messages and those of ssh.</summary>
internal static class RsyncFailure
{
    private const string Again = "It is tried again; nothing needs to be done.";

    /// <summary>Whether rsync has handled all files that have no error line of their own.</summary>
    public static bool IsComplete(int exitCode) => exitCode is 0 or 23 or 24;

    /// <summary>The failure of a run.</summary>
    /// <param name="exit">The end of the run.</param>
    /// <param name="target">Its target.</param>
    /// <param name="ssh">The ssh command that it used; null for the other ways.</param>
    /// <param name="operation">The attempted operation, as a verb.</param>
    public static Failure Of(RsyncExit exit, RsyncTarget target, SshCommand? ssh, string operation)
    {
        var (place, errors) = (target.Place, new RsyncErrors(exit.Errors, []));
        Failure Is(FailureClass failureClass, string code, string what, string hint) => new(failureClass, code, $"{what}{errors.Said()}.", hint);
        if (ssh is not null && Ssh(exit, place, errors, ssh) is { } refused) return refused;
        var doing = operation.EndsWith(" at", StringComparison.Ordinal) ? operation : $"{operation} at";
        switch (errors.SaysRootCannotBeEntered && exit.ExitCode == 12 ? 3 : exit.ExitCode)
        {
            case 1 when errors.Says("read only"):
                return Is(
                    FailureClass.Permission,
                    "ReadOnlyModule",
                    $"The rsync module of {place} is read-only",
                    "Set 'read only = no' for the module in the daemon's rsyncd.conf, or use another module.");
            case 5:
                return Daemon(place, errors);
            case 1 or 4 or 6:
                return Is(
                    FailureClass.Config,
                    "RsyncRefused",
                    $"rsync refused to {doing} {place}",
                    "Compare the versions of rsync on both sides (rsync --version).");
            case 2:
                return Is(
                    FailureClass.Config,
                    "RsyncNoise",
                    $"{place} did not speak rsync's protocol",
                    "If a login script there prints something, let it print only in interactive shells (for example: [ "
                        + "-t 1 ] || return at the top of .bashrc).");
            case 3 or 11 or 23 when errors.FirstErrno is 2:
                return Is(
                    FailureClass.Config,
                    "TargetMissing",
                    $"The folder of {place} is not there",
                    "Create it there, or correct the target in the configuration.");
            case 3 or 11 or 23 or 24 when errors.FirstErrno is { } errno:
                return SystemFailure.FromErrno(errno, darwin: false, operation, place);
            case 3:
                return Is(FailureClass.Config, "RsyncFolder", $"rsync cannot use the folder of {place}", "Check the target in the configuration.");
            case 10 or 35:
                return Is(
                    FailureClass.Unavailable,
                    "Unreachable",
                    $"{place} cannot be reached",
                    "Check that the rsync daemon runs there, and the host and the port.");
            case 12 or 13 or 14 or 20 or 255:
                return Is(
                    FailureClass.Transient,
                    "ConnectionLost",
                    $"The connection to {place} was lost",
                    "It is tried again and goes on where it was.");
            case 21 or 22:
                return Is(
                    FailureClass.Transient,
                    "RsyncResources",
                    $"rsync was short of memory or processes while it tried to {doing} {place}",
                    Again);
            case 25:
                return Is(
                    FailureClass.Conflict,
                    "DeleteLimit",
                    $"rsync stopped before it deleted at {place}",
                    "Look at what would be deleted before you raise the limit.");
            case 30:
                return Is(FailureClass.Transient, "TimedOut", $"{place} was silent for too long", Again);
            default:
                return Is(
                    FailureClass.Transient,
                    "RsyncFailed",
                    $"rsync could not {doing} {place} (exit code {exit.ExitCode})",
                    "It is tried again; if it stays, look at the target.");
        }
    }

    private static Failure? Ssh(RsyncExit exit, string place, RsyncErrors errors, SshCommand ssh)
    {
        if (exit.ExitCode is 126 or 127 || errors.Says("rsync: command not found") || errors.Says("rsync: not found"))
            return new Failure(
                FailureClass.Config,
                "RsyncMissingThere",
                $"{place} has no rsync{errors.Said()}.",
                "Install rsync on the host, or use type: sftp.");
        if (errors.Says("Failed to exec"))
            return SshRefusal.Missing(ssh);
        if (exit.ExitCode is not (12 or 255)) return null;
        if (SshRefusal.Of(place, exit.Errors, ssh) is { } refusal) return refusal;
        return exit.ExitCode == 255 ? SshRefusal.Unreachable(place, WordsOfSsh(exit.Errors)) : null;
    }

    private static string WordsOfSsh(string errors) =>
        string.Join('\n', errors.Split('\n').Where(line => !line.StartsWith("rsync", StringComparison.Ordinal)));

    private static Failure Daemon(string place, RsyncErrors errors)
    {
        Failure Is(FailureClass failureClass, string code, string what, string hint) => new(failureClass, code, $"{what}{errors.Said()}.", hint);
        if (errors.Says("Unknown module"))
            return Is(
                FailureClass.Config,
                "UnknownModule",
                $"The daemon has no module for {place}",
                "Correct the first folder of the target; 'rsync rsync://host/' lists the modules.");
        if (errors.Says("auth failed") || errors.Says("password"))
            return Is(
                FailureClass.Auth,
                "AuthRefused",
                $"The daemon refused the login for {place}",
                "Check the user in the target, 'password' in the configuration, and the daemon's secrets file.");
        if (errors.Says("access denied"))
            return Is(
                FailureClass.Auth,
                "AccessDenied",
                $"The daemon lets this machine not use {place}",
                "Add this machine to 'hosts allow' in the daemon's rsyncd.conf.");
        if (errors.Says("max connections"))
            return Is(FailureClass.Throttled, "TooManyConnections", $"{place} has as many connections as it takes", Again);
        if (errors.Says("rather than greeting"))
            return Is(
                FailureClass.Config,
                "WrongServer",
                $"At {place} another kind of server answers than rsync's daemon",
                "Correct the host and the port of the target; the daemon listens at 873 unless rsyncd.conf says another.");
        if (errors.Says("chdir failed"))
            return Is(
                FailureClass.Unavailable,
                "DestinationUnavailable",
                $"The daemon cannot enter the folder of {place}",
                "Mount the volume on the server; else make the folder that `path` of the module names in the daemon's "
                    + "rsyncd.conf, or let the module's `uid` enter it.");
        return Is(FailureClass.Config, "DaemonRefused", $"The daemon refused to serve {place}", "Look at the daemon's log.");
    }
}
