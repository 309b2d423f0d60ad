using System.Globalization;
using NasSync.Config;
using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>The OpenSSH client as an argument vector. What the configuration leaves open, the user's ssh_config decides.</summary>
internal sealed class SshCommand
{
    /// <summary>Names another ssh program, for example one outside the PATH.</summary>
    public const string ProgramVariable = "NASSYNC_SSH";
    private readonly SftpDestinationConfig _config;
    private readonly IReadOnlyDictionary<string, string?> _variables;

    /// <param name="config">The host and how to log in.</param>
    /// <param name="environment">Where <see cref="ProgramVariable"/> is looked up.</param>
    /// <param name="askPass">Variables that let ssh ask us for the password; null when keys log in.</param>
    public SshCommand(SftpDestinationConfig config, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string?>? askPass = null)
    {
        _config = config;
        _variables = askPass ?? new Dictionary<string, string?>();
        Program = environment.TryGetValue(ProgramVariable, out var program) && program.Length > 0 ? program : "ssh";
    }

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>Opens the SFTP subsystem.</summary>
    public ChildCommand Sftp() => Command([.. Options(), "-s", "--", _config.Host, "sftp"]);

    /// <summary>Runs a plain shell that takes its script from standard input.</summary>
    public ChildCommand Shell() => Command([.. Options(), "-T", "--", _config.Host, "sh"]);

    /// <summary>Goes just far enough to show which key the host has.</summary>
    public ChildCommand ShowHostKey() => Command(["-o", "LogLevel=DEBUG1", .. Options(), "--", _config.Host, "exit"]);

    /// <summary>The command by which a person looks at the host's key and accepts it.</summary>
    public string TrustCommand()
    {
        List<string> words = ["ssh", "-o", "StrictHostKeyChecking=ask"];
        if (_config.KnownHosts is { } knownHosts) words.AddRange(["-o", Quoted($"UserKnownHostsFile={knownHosts}")]);
        words.AddRange(Address());
        return string.Join(' ', [.. words, Quoted(_config.Host), "exit"]);
    }

    /// <summary>The command that removes the host's old key.</summary>
    public string ForgetCommand()
    {
        var name = _config.Port is { } port and not 22 ? $"[{_config.Host}]:{port.ToString(CultureInfo.InvariantCulture)}" : _config.Host;
        return string.Join(' ', ["ssh-keygen", "-R", Quoted(name), .. _config.KnownHosts is { } file ? ["-f", Quoted(file)] : Array.Empty<string>()]);
    }

    private ChildCommand Command(IReadOnlyList<string> arguments) => new(Program, arguments) { Environment = _variables };

    private List<string> Options()
    {
        List<string> options = [.. Address()];
        void Set(string option) => options.AddRange(["-o", option]);
        if (_config.IdentityFile is { } identity)
        {
            options.AddRange(["-i", identity]);
            Set("IdentitiesOnly=yes");
        }

        if (_config.Password is null)
        {
            Set("BatchMode=yes");
        }
        else
        {
            Set("BatchMode=no");
            Set("NumberOfPasswordPrompts=1");
            Set(_config.IdentityFile is null
                ? "PreferredAuthentications=password,keyboard-interactive"
                : "PreferredAuthentications=publickey,password,keyboard-interactive");
        }

        Set("StrictHostKeyChecking=yes");
        if (_config.KnownHosts is { } knownHosts) Set($"UserKnownHostsFile=\"{knownHosts.Replace("%", "%%", StringComparison.Ordinal)}\"");
        Set("ServerAliveInterval=15");
        Set("ServerAliveCountMax=3");
        Set("ConnectTimeout=10");
        Set("LogLevel=ERROR");

        // Forwardings of the user's ssh_config are not for us; one that is taken would even end the connection.
        Set("ClearAllForwardings=yes");
        return options;
    }

    private IEnumerable<string> Address()
    {
        if (_config.Port is { } port)
        {
            yield return "-p";
            yield return port.ToString(CultureInfo.InvariantCulture);
        }

        if (_config.User is { } user)
        {
            yield return "-l";
            yield return user;
        }
    }

    // For a person's shell only: nothing is ever run from this text.
    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:@=,+%".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
