using NasSync.Destinations.Ssh;
using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>One ssh process and the SFTP session with the server behind it. A broken connection stays broken; the caller opens another.</summary>
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

    /// <summary>The SFTP session.</summary>
    public SftpSession Session { get; }

    /// <summary>Limits the files that are open at a time, as the server reports; each copy takes one.</summary>
    public SemaphoreSlim Files { get; private set; } = new(1);

    /// <summary>Whether it cannot be used any more.</summary>
    public bool IsBroken => Session.Ended.IsCompleted;

    /// <summary>The process id of ssh.</summary>
    public int ProcessId => _ssh.Id;

    /// <summary>Connects and learns the server's abilities.</summary>
    /// <exception cref="FailureException">The cause: host key, login, network, or no SFTP.</exception>
    /// <exception cref="OperationCanceledException">It is not needed any more; its ssh process has ended.</exception>
    public static async Task<SftpConnection> OpenAsync(string place, SshCommand command, TimeProvider time, CancellationToken cancellationToken)
    {
        await command.ChooseCiphersAsync(time).WaitAsync(cancellationToken).ConfigureAwait(false);
        var connection = new SftpConnection(Start(command.Sftp(), command, time), place, command, time);
        try
        {
            await connection.Session.GreetAsync().WaitAsync(GreetingTime, time, cancellationToken).ConfigureAwait(false);
            connection.Files = new SemaphoreSlim(connection.Session.FilesAtOnce);
            return connection;
        }
        catch (Exception e)
        {
            await using var _ = connection.ConfigureAwait(false);
            if (e is OperationCanceledException) throw;
            var failure = e is TimeoutException
                ? new Failure(
                    FailureClass.Unavailable,
                    "TimedOut",
                    $"{place} did not begin to speak SFTP within a minute.",
                    "Check the server; it is tried again.")
                : await connection.WhyAsync(e, cancellationToken).ConfigureAwait(false);
            throw new FailureException(failure, e);
        }
    }

    /// <summary>Why the connection is unusable, in ssh's own words where there are some.</summary>
    public async Task<Failure> WhyAsync(Exception end, CancellationToken cancellationToken)
    {
        try
        {
            var patience = end is SftpProtocolException or StalledException ? TimeSpan.Zero : LastWords;
            await _ssh.Exited.WaitAsync(patience, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The process is still running but silent; its output so far must suffice.
        }

        var failure = SshFailure.Classify(_place, _ssh.Errors, Session.Greeted, end, _command);
        return failure.Code == "HostKeyUnknown" && SshRefusal.Fingerprint(failure.Message) is null
            ? SshFailure.Classify(_place, _ssh.Errors + await HostKeyAsync(cancellationToken).ConfigureAwait(false), Session.Greeted, end, _command)
            : failure;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Session.Dispose();
        await _ssh.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Starts an ssh process.</summary>
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

    // ssh itself would keep waiting: it knows nothing of requests.
    private Task EndSilent(Exception end) => end is StalledException ? _ssh.StopAsync(LastWords) : Task.CompletedTask;

    // With strict checking ssh does not show the host's key, but a person must compare its fingerprint.
    private async Task<string> HostKeyAsync(CancellationToken cancellationToken)
    {
        await using var ssh = Start(_command.ShowHostKey(), _command, _time);
        try
        {
            await ssh.Exited.WaitAsync(GreetingTime, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The message then lacks the fingerprint.
        }

        return ssh.Errors.Split('\n').FirstOrDefault(line => line.Contains("Server host key:", StringComparison.Ordinal)) ?? "";
    }
}
