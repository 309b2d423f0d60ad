using NasSync.Config;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// Passes a password to ssh without a terminal: ssh runs a helper script that prints a variable of this ssh process alone. The secret is in no file
/// and in no argument.
/// </summary>
internal sealed class AskPass : IDisposable
{
    private const string Variable = "NASSYNC_SSH_PASSWORD";
    private readonly string _folder;

    private AskPass(string folder, Dictionary<string, string?> variables)
    {
        _folder = folder;
        Variables = variables;
    }

    /// <summary>The variables for ssh.</summary>
    public IReadOnlyDictionary<string, string?> Variables { get; }

    /// <summary>Creates the helper; null when the place needs no password.</summary>
    /// <exception cref="FailureException">The secret cannot be read, or this is Windows (class Config).</exception>
    public static AskPass? For(SftpDestinationConfig config, IReadOnlyDictionary<string, string> environment)
    {
        if (config.Password is not { } reference) return null;
        var secret = SecretReader.Read(reference, environment);
        if (OperatingSystem.IsWindows())
            throw new FailureException(new Failure(
                FailureClass.Config,
                "PasswordUnsupported",
                $"The destination {Failure.Quote(config.Name)} logs in with a password, which NasSync cannot hand to ssh on Windows.",
                "Log in with a key: ssh-keygen, then 'identityFile' in the configuration."));
        var folder = Directory.CreateTempSubdirectory("nassync-ssh-").FullName;
        var script = Path.Combine(folder, "askpass");
        using (var stream = new FileStream(script, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
        }))
        {
            stream.Write("#!/bin/sh\nprintf '%s\\n' \"$"u8);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(Variable + "\"\n"));
        }

        return new AskPass(folder, new Dictionary<string, string?>
        {
            ["SSH_ASKPASS"] = script,
            ["SSH_ASKPASS_REQUIRE"] = "force",

            // Clients before 8.4 call the helper only when there is a display and no terminal.
            ["DISPLAY"] = ":0",
            [Variable] = secret,
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // The folder holds no secret; the system cleans its temp folder.
        }
    }
}
