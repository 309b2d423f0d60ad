using NasSync.Destinations.Ssh;
using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>One ssh process and the SFTP talk with the server behind it. When it breaks it stays broken; who needs it opens another.</summary>
internal sealed class SftpConnection : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GreetingTime = TimeSpan.FromSeconds(60);
    private readonly ChildProcess _ssh;
    private readonly string _place;
    private readonly SshCommand _command;
    private readonly TimeProvider _time;

    private SftpConnection(ChildProcess ssh, string place, SshCommand command, TimeProvider time)
    {
        (_ssh, _place, _command, _time) = (ssh, place, command, time);
        Session = SftpSession.Over(ssh.Input, ssh.Output, time);
        _ = Session.Ended.ContinueWith(
            ended => EndSilent(ended.GetAwaiter().GetResult()),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    /// <summary>The requests.</summary>
    public SftpSession Session { get; }

    /// <summary>How many files may be open at a time, as the server says; one is taken for each copy.</summary>
    public SemaphoreSlim Files { get; private set; } = new(1);

    /// <summary>True when it cannot be used any more.</summary>
    public bool IsBroken => Session.Ended.IsCompleted;

    /// <summary>The process id of ssh.</summary>
    public int ProcessId => _ssh.Id;

    /// <summary>Connects and learns what the server can.</summary>
    /// <exception cref="FailureException">With the reason: host key, login, network, no SFTP.</exception>
    public static async Task<SftpConnection> OpenAsync(string place, SshCommand command, TimeProvider time)
    {
        await command.ChooseCiphersAsync(time).ConfigureAwait(false);
        var connection = new SftpConnection(Start(command.Sftp(), command, time), place, command, time);
        try
        {
            await connection.Session.GreetAsync().WaitAsync(GreetingTime, time).ConfigureAwait(false);
            connection.Files = new SemaphoreSlim(connection.Session.FilesAtOnce);
            return connection;
        }
        catch (Exception e)
        {
            var failure = e is TimeoutException
                ? new Failure(
                    FailureClass.Unavailable,
                    "TimedOut",
                    $"{place} did not begin to speak SFTP within a minute.",
                    "Check the server; it is tried again.")
                : await connection.WhyAsync(e).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new FailureException(failure, e);
        }
    }

    /// <summary>Why the connection is of no use any more, in ssh's own words where it has some.</summary>
    public async Task<Failure> WhyAsync(Exception end)
    {
        try
        {
            await _ssh.Exited.WaitAsync(end is SftpProtocolException or StalledException ? TimeSpan.Zero : LastWords, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It lives on without talking to us; what it has said so far has to do.
        }

        var failure = SshFailure.Classify(_place, _ssh.Errors, Session.Greeted, end, _command);
        return failure.Code == "HostKeyUnknown" && SshRefusal.Fingerprint(failure.Message) is null
            ? SshFailure.Classify(_place, _ssh.Errors + await HostKeyAsync().ConfigureAwait(false), Session.Greeted, end, _command)
            : failure;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Session.Dispose();
        await _ssh.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Starts ssh for something.</summary>
    internal static ChildProcess Start(ChildCommand what, SshCommand command, TimeProvider time)
    {
        try
        {
            return ChildProcess.Start(what, time);
        }
        catch (FileNotFoundException e)
        {
            throw new FailureException(SshRefusal.Missing(command), e);
        }
    }

    // ssh itself would wait on: it knows nothing of requests.
    private Task EndSilent(Exception end) => end is StalledException ? _ssh.StopAsync(LastWords) : Task.CompletedTask;

    // Under strict checking ssh does not say which key it was shown, and the fingerprint is what a person has to compare.
    private async Task<string> HostKeyAsync()
    {
        await using var ssh = Start(_command.ShowHostKey(), _command, _time);
        try
        {
            await ssh.Exited.WaitAsync(GreetingTime, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Then the message goes without it.
        }

        return ssh.Errors.Split('\n').FirstOrDefault(line => line.Contains("Server host key:", StringComparison.Ordinal)) ?? "";
    }
}
