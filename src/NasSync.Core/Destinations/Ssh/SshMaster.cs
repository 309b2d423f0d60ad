using System.Text;
using NasSync.Processes;

namespace NasSync.Destinations.Ssh;

/// <summary>
/// One connection that the runs of another program share: a login costs more than a small file. It ends by itself after a minute without use, so that
/// it does not outlive this process for long, whatever happens; the next run opens another.
/// </summary>
/// <param name="command">The host.</param>
/// <param name="folder">A private folder for the socket.</param>
/// <param name="time">The clock.</param>
internal sealed class SshMaster(SshCommand command, Func<string> folder, TimeProvider time) : IAsyncDisposable
{
    // Some systems limit a socket's path to 104 bytes, and ssh temporarily adds 17.
    private const int LongestPath = 80;
    private readonly SemaphoreSlim _opening = new(1);
    private string? _socket;
    private string? _made;
    private bool _isPlain = OperatingSystem.IsWindows();

    /// <summary>Opens the shared connection if necessary. The socket is null where each run connects by itself.</summary>
    /// <returns>The socket; and the reason, in ssh's words, when the host cannot be reached at all.</returns>
    public async ValueTask<(string? Socket, string? Refusal)> OpenAsync(CancellationToken cancellationToken)
    {
        if (_isPlain || IsOpen) return (_socket, null);
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isPlain || IsOpen) return (_socket, null);
            var (isOpen, words) = await MayShareAsync(cancellationToken).ConfigureAwait(false)
                ? await StartAsync(cancellationToken).ConfigureAwait(false)
                : (false, "");
            if (isOpen) return (_socket, null);

            // After a refusal by the host, another attempt would only be a second refused login; any other failure may concern the sharing alone.
            if (SshRefusal.IsOfConnection(words, command)) return (null, words);
            (_isPlain, _socket) = (true, null);
            return (null, null);
        }
        catch (FileNotFoundException)
        {
            (_isPlain, _socket) = (true, null);
            return (null, null);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsOpen) await RunAsync(command.AskMaster(_socket!, "exit"), CancellationToken.None).ConfigureAwait(false);
        if (_made is not null) Directory.Delete(_made, recursive: true);
        (_socket, _made, _isPlain) = (null, null, true);
        _opening.Dispose();
    }

    private bool IsOpen => _socket is { } socket && File.Exists(socket);

    // A user who shares connections by ssh_config has reasons, perhaps a login that only a person can do.
    private async Task<bool> MayShareAsync(CancellationToken cancellationToken)
    {
        if (_socket is not null) return true;
        var (code, settings, _) = await RunAsync(command.ShowSettings(), cancellationToken).ConfigureAwait(false);
        if (code != 0
            || settings.Split('\n')
                .Any(line => line.StartsWith("controlpath ", StringComparison.OrdinalIgnoreCase)
                    && !line.EndsWith(" none", StringComparison.Ordinal)))
            return false;
        _socket = Path.Combine(folder(), "m");
        if (Encoding.UTF8.GetByteCount(_socket) <= LongestPath) return true;
        _made = Directory.CreateTempSubdirectory("nassync-").FullName;
        _socket = Path.Combine(_made, "m");
        return Encoding.UTF8.GetByteCount(_socket) <= LongestPath;
    }

    private async Task<(bool IsOpen, string Words)> StartAsync(CancellationToken cancellationToken)
    {
        // A process that ended abruptly leaves its socket behind.
        File.Delete(_socket!);
        var child = ChildProcess.Start(command.OpenMaster(_socket!), time);
        await using var _ = child.ConfigureAwait(false);
        child.Input.Close();
        if (await child.Exited.WaitAsync(cancellationToken).ConfigureAwait(false) != 0) return (false, child.Errors);

        // Only an answer proves that it has left the process group that is cleaned up here.
        var (code, _, errors) = await RunAsync(command.AskMaster(_socket!, "check"), cancellationToken).ConfigureAwait(false);
        return (code == 0, errors);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(ChildCommand asked, CancellationToken cancellationToken)
    {
        var child = ChildProcess.Start(asked, time);
        await using var _ = child.ConfigureAwait(false);
        child.Input.Close();
        var reading = Task.Factory.StartNew(
            () => new StreamReader(child.Output).ReadToEnd(),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var code = await child.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
        return (code, await reading.WaitAsync(cancellationToken).ConfigureAwait(false), child.Errors);
    }
}
