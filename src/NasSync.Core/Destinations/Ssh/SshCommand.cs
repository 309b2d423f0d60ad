using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Files;
using NasSync.Processes;

namespace NasSync.Destinations.Ssh;

/// <summary>Builds argument vectors for the OpenSSH client. Whatever the configuration leaves open, the user's ssh_config decides.</summary>
internal sealed class SshCommand
{
    /// <summary>The variable that names another ssh program, for example one outside the PATH.</summary>
    public const string ProgramVariable = "NASSYNC_SSH";

    // The maximum that Linux allows every user.
    private const int PipeBytes = 1024 * 1024;
    private readonly SshLogin _login;
    private readonly IReadOnlyDictionary<string, string?> _variables;
    private readonly object _gate = new();
    private Task? _choosing;
    private string? _ciphers;

    /// <param name="login">The host and the login.</param>
    /// <param name="environment">Variables that may contain <see cref="ProgramVariable"/>.</param>
    /// <param name="askPass">Variables by which ssh gets the password from our helper; null when keys log in.</param>
    public SshCommand(SshLogin login, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string?>? askPass = null)
    {
        (_login, _ciphers) = (login, login.Ciphers);
        _variables = askPass ?? new Dictionary<string, string?>();
        Program = environment.TryGetValue(ProgramVariable, out var program) && program.Length > 0 ? program : "ssh";
    }

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>Receives diagnostic messages. Default: nowhere.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Chooses once the ciphers of all later commands; <see cref="SshCiphers"/> chooses them unless the login names them.</summary>
    public Task ChooseCiphersAsync(TimeProvider time)
    {
        lock (_gate) return _choosing ??= _login.Ciphers is null && SshCiphers.AreFastHere ? ChooseAsync(time) : Task.CompletedTask;
    }

    /// <summary>Opens the SFTP subsystem.</summary>
    public ChildCommand Sftp() => Command([.. Options(), "-s", "--", _login.Host, "sftp"]) with { PipeBytes = PipeBytes };

    /// <summary>Runs a plain shell that takes its script from standard input.</summary>
    public ChildCommand Shell() => Command([.. Options(), "-T", "--", _login.Host, "sh"]);

    /// <summary>Connects only far enough to show the host's key.</summary>
    public ChildCommand ShowHostKey() => Command(["-o", "LogLevel=DEBUG1", .. Options(), "--", _login.Host, "exit"]);

    /// <summary>Connects, shares the connection by a socket and goes into the background; ends after a minute without use.</summary>
    public ChildCommand OpenMaster(string socket) =>
        Command(["-M", .. Shared(socket), "-o", "ControlPersist=60", .. Options(), "-f", "-N", "-T", "--", _login.Host]);

    /// <summary>Sends a request to a shared connection: <c>check</c> or <c>exit</c>.</summary>
    public ChildCommand AskMaster(string socket, string request) => Command([.. Shared(socket), "-O", request, .. Options(), "--", _login.Host]);

    /// <summary>Prints the settings that result from all configuration files, without connecting.</summary>
    public ChildCommand ShowSettings() => Command([.. Options(), "-G", "--", _login.Host]);

    /// <summary>Prints the settings without any configuration file.</summary>
    public ChildCommand ShowOwnSettings() => Command(["-F", "none", "-G", "--", _login.Host]);

    /// <summary>
    /// The command line by which another program reaches the host; that program adds user, host and command. rsync splits the text at blanks and has
    /// no escape character: each word is quoted, and a quote in it is doubled.
    /// </summary>
    /// <param name="socket">The socket of a shared connection; null: each run connects by itself.</param>
    public string RemoteShell(string? socket = null) =>
        string.Join(
            ' ',
            ((string[])[Program, .. socket is null ? [] : Shared(socket), .. Options(withUser: false), "-T"])
                .Select(word => $"'{word.Replace("'", "''", StringComparison.Ordinal)}'"));

    /// <summary>The command by which a person checks and accepts the host's key.</summary>
    public string TrustCommand()
    {
        List<string> words = ["ssh", "-o", "StrictHostKeyChecking=ask"];
        if (_login.KnownHosts is { } knownHosts) words.AddRange(["-o", ShellWord.Quote($"UserKnownHostsFile={knownHosts}")]);
        words.AddRange(Address());
        return string.Join(' ', [.. words, ShellWord.Quote(_login.Host), "exit"]);
    }

    /// <summary>The command that removes the host's old key.</summary>
    public string ForgetCommand()
    {
        var name = _login.Port is { } port and not 22 ? $"[{_login.Host}]:{port.ToString(CultureInfo.InvariantCulture)}" : _login.Host;
        string[] knownHosts = _login.KnownHosts is { } file ? ["-f", ShellWord.Quote(file)] : [];
        return string.Join(' ', ["ssh-keygen", "-R", ShellWord.Quote(name), .. knownHosts]);
    }

    private async Task ChooseAsync(TimeProvider time) => _ciphers = await SshCiphers.ChooseAsync(this, time).ConfigureAwait(false);

    private static string[] Shared(string socket) => ["-S", socket.Replace("%", "%%", StringComparison.Ordinal)];

    private ChildCommand Command(IReadOnlyList<string> arguments) => new(Program, arguments) { Environment = _variables, Log = Log };

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

        // Forwardings in the user's ssh_config are not meant for NasSync; one whose port is taken would even end the connection.
        Set("ClearAllForwardings=yes");
        return options;
    }

    // ssh would wait for a writer of a named pipe.
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
            // ssh itself reports what is wrong with the file.
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
}
