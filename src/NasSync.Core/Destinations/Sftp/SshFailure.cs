using NasSync.Destinations.Ssh;

namespace NasSync.Destinations.Sftp;

/// <summary>Explains why an SFTP session could not begin, or ended.</summary>
internal static class SshFailure
{
    /// <summary>The failure for a failed or ended session.</summary>
    /// <param name="place">The destination, for people.</param>
    /// <param name="errors">The error output of ssh.</param>
    /// <param name="greeted">The server had already spoken SFTP, so the connection broke in the middle.</param>
    /// <param name="end">The cause of the end.</param>
    /// <param name="command">Provides the commands that a person needs.</param>
    public static Failure Classify(string place, string errors, bool greeted, Exception end, SshCommand command)
    {
        if (!greeted && SshRefusal.Of(place, errors, command) is { } refusal) return refusal;
        if (!greeted && errors.Contains("subsystem request failed", StringComparison.OrdinalIgnoreCase))
            return new Failure(
                FailureClass.Config,
                "SftpMissing",
                $"{place} offers no SFTP.",
                "Switch it on there: 'Subsystem sftp internal-sftp' in sshd_config, or SFTP in the NAS's settings.");
        if (end is SftpProtocolException noise)
            return greeted
                ? new Failure(
                    FailureClass.Transient,
                    "SftpProtocol",
                    $"{place} broke the SFTP protocol: {noise.Message}.",
                    "It is tried again; if it stays, look at the server's software.")
                : new Failure(
                    FailureClass.Config,
                    "SftpNoise",
                    $"{place} answered with {Failure.Quote(noise.Message)} instead of SFTP.",
                    "A login script or banner prints this: let it print only in interactive shells (for example: [ -t 1 ] || return at the top of "
                        + ".bashrc), or use 'Subsystem sftp internal-sftp'.");
        if (end is StalledException)
            return new Failure(
                FailureClass.Transient,
                "NotResponding",
                $"{place} is connected but does not respond: {end.Message}; the connection was given up.",
                "It is tried again and goes on where it was; if it stays, look at the server's load and disks, and at the network.");
        if (greeted)
            return new Failure(
                FailureClass.Transient,
                "ConnectionLost",
                $"The connection to {place} was lost{SshRefusal.Said(errors)}.",
                "Nothing needs to be done; it is tried again and goes on where it was.");
        return SshRefusal.Unreachable(place, errors);
    }
}
