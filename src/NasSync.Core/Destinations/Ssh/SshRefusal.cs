using System.Text.RegularExpressions;

namespace NasSync.Destinations.Ssh;

/// <summary>Finds in ssh's messages why there is no connection. ssh has one exit code (255) for every cause, so only the messages tell.</summary>
internal static partial class SshRefusal
{
    /// <summary>Why the host, or ssh itself, refused; null when the messages name no such cause.</summary>
    /// <param name="place">The destination, for people.</param>
    /// <param name="errors">The error output of ssh.</param>
    /// <param name="command">Provides the commands that a person needs.</param>
    public static Failure? Of(string place, string errors, SshCommand command)
    {
        bool Says(string words) => errors.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (Says("IDENTIFICATION HAS CHANGED"))
            return new Failure(
                FailureClass.Auth,
                "HostKeyChanged",
                $"The key of {place} is not the one that is known{Shown(errors)}: the host was reinstalled, or someone else answers in its place.",
                $"Ask whoever runs the host; only if its key has really changed, run: {command.ForgetCommand()}, then: {command.TrustCommand()}");
        if (Says("host key is known for") || Says("Host key verification failed"))
            return new Failure(
                FailureClass.Auth,
                "HostKeyUnknown",
                $"The key of {place} is not known yet{Shown(errors)}.",
                "Compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), "
                    + $"then run: {command.TrustCommand()}");
        if (Says("Bad configuration option")
            || Says("Bad owner or permissions")
            || Says("unknown option")
            || Says("Bad SSH2")
            || Says("terminating,"))
            return new Failure(
                FailureClass.Config,
                "SshConfig",
                $"ssh does not take its configuration for {place}{Said(errors)}.",
                "Correct the ssh_config file or the option that ssh names.");
        if (Says("UNPROTECTED PRIVATE KEY") || Says("bad permissions"))
            return new Failure(
                FailureClass.Auth,
                "KeyUnprotected",
                $"ssh does not use the private key for {place}: others may read it.",
                "chmod 600 the key file.");
        if (Says("Permission denied (") && KeyPattern().Match(errors) is { Success: true } key)
            return new Failure(
                FailureClass.Auth,
                "AuthRefused",
                $"{place} refused the login: the key {Failure.Quote(key.Groups[1].Value)} cannot be read ({key.Groups[2].Value.Trim()}).",
                "Correct 'identityFile', or put the key there.");
        if (Says("Permission denied (") || Says("Too many authentication failures") || Says("Permission denied, please try again"))
            return new Failure(
                FailureClass.Auth,
                "AuthRefused",
                $"{place} refused the login{Said(errors)}.",
                "Check user, key ('identityFile', or the agent when the key has a passphrase) or password, and authorized_keys on the host.");
        return null;
    }

    /// <summary>Whether the messages report a host that refused or is unreachable, not a problem of ssh itself.</summary>
    public static bool IsOfConnection(string errors, SshCommand command) =>
        Of("", errors, command) is { Class: not FailureClass.Config } || ConnectionPattern().IsMatch(errors);

    /// <summary>The failure when there is no ssh program.</summary>
    public static Failure Missing(SshCommand command) => new(
        FailureClass.Config,
        "SshMissing",
        $"The OpenSSH client {Failure.Quote(command.Program)} was not found.",
        "Install it (Debian: apt install openssh-client; Windows: the optional feature OpenSSH Client), or name it in "
            + $"{SshCommand.ProgramVariable}.");

    /// <summary>The fingerprint in ssh's messages; null when there is none.</summary>
    public static string? Fingerprint(string errors) => FingerprintPattern().Match(errors) is { Success: true } match ? match.Value : null;

    /// <summary>The failure when the host cannot be reached.</summary>
    public static Failure Unreachable(string place, string errors)
    {
        var (code, hint) = errors switch
        {
            _ when Has("Could not resolve hostname") => ("HostNotFound", "Check the name of the host and the DNS."),
            _ when Has("Connection refused") => ("Unreachable", "Check that the SSH server runs there, and the port."),
            _ when Has("kex_exchange_identification") => ("Unreachable", "Check that it is an SSH server that listens at that port, "
                + "and in its log whether it takes this machine (MaxStartups, hosts.deny)."),
            _ => ("Unreachable", "Check that the host is on and can be reached; ssh -v shows how far it comes."),
        };
        return new Failure(FailureClass.Unavailable, code, $"{place} cannot be reached{Said(errors)}.", hint);

        bool Has(string words) => errors.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static string Shown(string errors) => Fingerprint(errors) is { } fingerprint ? $" (it shows {fingerprint})" : "";

    /// <summary>The last message, as the end of a sentence.</summary>
    public static string Said(string errors)
    {
        var last = errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        if (last is null) return "";
        var said = last.StartsWith("ssh: ", StringComparison.Ordinal) ? last[5..] : last;
        return $": ssh says {Failure.Quote(said.TrimEnd('.'))}";
    }

    [GeneratedRegex(
        @"^ssh: (connect to host|Could not resolve)|^(kex_exchange|banner exchange|Connection (closed|reset|timed out))",
        RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ConnectionPattern();

    [GeneratedRegex(@"^Warning: Identity file (.+) not accessible: (.+?)\.?\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"SHA256:[A-Za-z0-9+/]{43}")]
    private static partial Regex FingerprintPattern();
}
