using System.Globalization;
using NasSync.Files;
using NasSync.Processes;

namespace NasSync.Destinations.Ssh;

/// <summary>The OpenSSH client as an argument vector. What the configuration leaves open, the user's ssh_config decides.</summary>
internal sealed class SshCommand
{
    /// <summary>Names another ssh program, for example one outside the PATH.</summary>
    public const string ProgramVariable = "NASSYNC_SSH";

    // As much as Linux lets every user have.
    private const int PipeBytes = 1024 * 1024;
    private readonly SshLogin _login;
    private readonly IReadOnlyDictionary<string, string?> _variables;
    private readonly object _gate = new();
    private Task? _choosing;
    private string? _ciphers;

    /// <param name="login">The host and how to log in.</param>
    /// <param name="environment">Where <see cref="ProgramVariable"/> is looked up.</param>
    /// <param name="askPass">Variables that let ssh ask us for the password; null when keys log in.</param>
    public SshCommand(SshLogin login, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string?>? askPass = null)
    {
        (_login, _ciphers) = (login, login.Ciphers);
        _variables = askPass ?? new Dictionary<string, string?>();
        Program = environment.TryGetValue(ProgramVariable, out var program) && program.Length > 0 ? program : "ssh";
    }

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>
    /// Finds out, once, which ciphers the commands after this one ask for; unless the login names them, they are chosen by <see cref="SshCiphers"/>.
    /// </summary>
    public Task ChooseCiphersAsync(TimeProvider time)
    {
        lock (_gate) return _choosing ??= _login.Ciphers is null && SshCiphers.AreFastHere ? ChooseAsync(time) : Task.CompletedTask;
    }

    /// <summary>Opens the SFTP subsystem.</summary>
    public ChildCommand Sftp() => Command([.. Options(), "-s", "--", _login.Host, "sftp"]) with { PipeBytes = PipeBytes };

    /// <summary>Runs a plain shell that takes its script from standard input.</summary>
    public ChildCommand Shell() => Command([.. Options(), "-T", "--", _login.Host, "sh"]);

    /// <summary>Goes just far enough to show which key the host has.</summary>
    public ChildCommand ShowHostKey() => Command(["-o", "LogLevel=DEBUG1", .. Options(), "--", _login.Host, "exit"]);

    /// <summary>Connects, lets others share the connection by a socket, and goes into the background; it ends when it is idle for a minute.</summary>
    public ChildCommand OpenMaster(string socket) =>
        Command(["-M", .. Shared(socket), "-o", "ControlPersist=60", .. Options(), "-f", "-N", "-T", "--", _login.Host]);

    /// <summary>Asks the one who shares a connection: <c>check</c> or <c>exit</c>.</summary>
    public ChildCommand AskMaster(string socket, string request) => Command([.. Shared(socket), "-O", request, .. Options(), "--", _login.Host]);

    /// <summary>Prints what ssh will do by all its configuration files, without doing it.</summary>
    public ChildCommand ShowSettings() => Command([.. Options(), "-G", "--", _login.Host]);

    /// <summary>Prints what ssh does where no configuration file says otherwise.</summary>
    public ChildCommand ShowOwnSettings() => Command(["-F", "none", "-G", "--", _login.Host]);

    /// <summary>
    /// The words by which another program reaches the host; it adds user, host and command itself. rsync splits the text at blanks and knows
    /// no escape: a word is quoted whole, and a quote in it is written twice.
    /// </summary>
    /// <param name="socket">Where a shared connection is found; null: each connects by itself.</param>
    public string RemoteShell(string? socket = null) =>
        string.Join(
            ' ',
            ((string[])[Program, .. socket is null ? [] : Shared(socket), .. Options(withUser: false), "-T"])
                .Select(word => $"'{word.Replace("'", "''", StringComparison.Ordinal)}'"));

    /// <summary>The command by which a person looks at the host's key and accepts it.</summary>
    public string TrustCommand()
    {
        List<string> words = ["ssh", "-o", "StrictHostKeyChecking=ask"];
        if (_login.KnownHosts is { } knownHosts) words.AddRange(["-o", Quoted($"UserKnownHostsFile={knownHosts}")]);
        words.AddRange(Address());
        return string.Join(' ', [.. words, Quoted(_login.Host), "exit"]);
    }

    /// <summary>The command that removes the host's old key.</summary>
    public string ForgetCommand()
    {
        var name = _login.Port is { } port and not 22 ? $"[{_login.Host}]:{port.ToString(CultureInfo.InvariantCulture)}" : _login.Host;
        return string.Join(' ', ["ssh-keygen", "-R", Quoted(name), .. _login.KnownHosts is { } file ? ["-f", Quoted(file)] : Array.Empty<string>()]);
    }

    private async Task ChooseAsync(TimeProvider time) => _ciphers = await SshCiphers.ChooseAsync(this, time).ConfigureAwait(false);

    private static string[] Shared(string socket) => ["-S", socket.Replace("%", "%%", StringComparison.Ordinal)];

    private ChildCommand Command(IReadOnlyList<string> arguments) => new(Program, arguments) { Environment = _variables };

    private List<string> Options(bool withUser = true)
    {
        List<string> options = [.. Address(withUser)];
        void Set(string option) => options.AddRange(["-o", option]);
        if (_login.IdentityFile is { } identity)
        {
            RequireFile(identity);
            options.AddRange(["-i", identity]);
            Set("IdentitiesOnly=yes");
        }

        if (!_login.HasPassword)
        {
            Set("BatchMode=yes");
        }
        else
        {
            Set("BatchMode=no");
            Set("NumberOfPasswordPrompts=1");
            Set(_login.IdentityFile is null
                ? "PreferredAuthentications=password,keyboard-interactive"
                : "PreferredAuthentications=publickey,password,keyboard-interactive");
        }

        Set("StrictHostKeyChecking=yes");
        if (_login.KnownHosts is { } knownHosts) Set($"UserKnownHostsFile=\"{knownHosts.Replace("%", "%%", StringComparison.Ordinal)}\"");
        if (_ciphers is { } ciphers) Set($"Ciphers={ciphers}");
        Set("ServerAliveInterval=15");
        Set("ServerAliveCountMax=3");
        Set("ConnectTimeout=10");
        Set("LogLevel=ERROR");

        // Forwardings of the user's ssh_config are not for us; one that is taken would even end the connection.
        Set("ClearAllForwardings=yes");
        return options;
    }

    // ssh would wait for somebody to write to a pipe.
    private static void RequireFile(string identity)
    {
        try
        {
            NamedFile.RequireNoSpecial(identity);
        }
        catch (NoFileException e)
        {
            throw new FailureException(new Failure(
                FailureClass.Config,
                "IdentityNotAFile",
                $"{e.Message}, so no key can be read from it.",
                "Let 'identityFile' name the file of a private key."), e);
        }
        catch (IOException)
        {
            // ssh says what is wrong with it.
        }
    }

    private IEnumerable<string> Address(bool withUser = true)
    {
        if (_login.Port is { } port)
        {
            yield return "-p";
            yield return port.ToString(CultureInfo.InvariantCulture);
        }

        if (withUser && _login.User is { } user)
        {
            yield return "-l";
            yield return user;
        }
    }

    // For a person's shell only: nothing is ever run from this text.
    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:@=,+%".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
