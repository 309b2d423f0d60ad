namespace NasSync.Destinations.Sftp;

/// <summary>
/// The hash of one file that the host computes while the file is still on its way: it is told how far the file has come without a gap, and reads
/// no farther. So a large copy is proven soon after its last byte, however slowly the host hashes.
/// </summary>
internal sealed class FollowedHash : IDisposable
{
    private const long UnitBytes = 1024 * 1024;

    // Each step starts a program on the host.
    private const long StepUnits = 16;
    private readonly object _gate = new();
    private readonly Task<RemoteShell?> _shell;
    private readonly Task<bool> _begun;
    private readonly Action<Task<RemoteShell?>, bool> _giveBack;
    private RemoteShell? _reader;
    private long _confirmed;
    private long _toldUnits;
    private bool _isWhole;

    /// <param name="shell">A shell that follows nothing else; null when the host has none.</param>
    /// <param name="path">The file.</param>
    /// <param name="giveBack">Told at the end, with the shell and whether it can follow another file.</param>
    public FollowedHash(Task<RemoteShell?> shell, string path, Action<Task<RemoteShell?>, bool> giveBack)
    {
        (_shell, _giveBack) = (shell, giveBack);
        _begun = BeginAsync(path);
    }

    /// <summary>The file has come so far.</summary>
    /// <param name="confirmed">Bytes from its start that the server has taken.</param>
    public void Advance(long confirmed)
    {
        lock (_gate)
        {
            _confirmed = Math.Max(_confirmed, confirmed);
            Tell();
        }
    }

    /// <summary>The whole file has come.</summary>
    /// <returns>Its hash; null when the host did not tell.</returns>
    public async Task<string?> FinishAsync()
    {
        if (!await _begun.ConfigureAwait(false)) return null;
        var shell = await _shell.ConfigureAwait(false);
        var hash = await shell!.EndFollowingAsync().ConfigureAwait(false);
        _isWhole = hash is not null;
        return hash;
    }

    /// <summary>Lets go of the shell; waits for nothing.</summary>
    public void Dispose() => _giveBack(_shell, _isWhole);

    private async Task<bool> BeginAsync(string path)
    {
        try
        {
            if (await _shell.ConfigureAwait(false) is not { } shell || !await shell.FollowAsync(path).ConfigureAwait(false)) return false;
            lock (_gate)
            {
                // What came before the shell was there.
                _reader = shell;
                Tell();
            }

            return true;
        }
        catch (FailureException)
        {
            // Why the host gives no shell is told by the copy's own connection, if it matters.
            return false;
        }
    }

    private void Tell()
    {
        var units = (_confirmed / UnitBytes) - _toldUnits;
        if (_reader is null || units < StepUnits) return;
        _toldUnits += units;
        _reader.Advance(units);
    }
}
