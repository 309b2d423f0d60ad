namespace NasSync.Destinations.Sftp;

/// <summary>
/// The hash of one file that the host computes while the file is still being written: NasSync reports how far the file is there without a gap, and
/// the host reads no farther. So a large copy is proven soon after its last byte, however slowly the host hashes.
/// </summary>
internal sealed class FollowedHash : IDisposable
{
    private const long UnitBytes = 1024 * 1024;

    // Each step starts a process on the host.
    private const long StepUnits = 16;
    private readonly object _gate = new();
    private readonly Task<RemoteShell?> _shell;
    private readonly Task<bool> _begun;
    private readonly Action<Task<RemoteShell?>, bool> _giveBack;
    private RemoteShell? _reader;
    private long _confirmed;
    private long _toldUnits;
    private bool _isWhole;

    /// <param name="shell">A shell that follows no other file; null when the host has none.</param>
    /// <param name="path">The file.</param>
    /// <param name="giveBack">Called at the end, with the shell and whether it can follow another file.</param>
    public FollowedHash(Task<RemoteShell?> shell, string path, Action<Task<RemoteShell?>, bool> giveBack)
    {
        (_shell, _giveBack) = (shell, giveBack);
        _begun = BeginAsync(path);
    }

    /// <summary>Reports how far the file is there.</summary>
    /// <param name="confirmed">Bytes from its start that the server has confirmed.</param>
    public void Advance(long confirmed)
    {
        lock (_gate)
        {
            _confirmed = Math.Max(_confirmed, confirmed);
            Tell();
        }
    }

    /// <summary>Reports that the whole file is there.</summary>
    /// <returns>Its hash; null when the host returns none.</returns>
    public async Task<string?> FinishAsync()
    {
        if (!await _begun.ConfigureAwait(false)) return null;
        var shell = await _shell.ConfigureAwait(false);
        var hash = await shell!.EndFollowingAsync().ConfigureAwait(false);
        _isWhole = hash is not null;
        return hash;
    }

    /// <summary>Releases the shell without waiting.</summary>
    public void Dispose() => _giveBack(_shell, _isWhole);

    private async Task<bool> BeginAsync(string path)
    {
        try
        {
            if (await _shell.ConfigureAwait(false) is not { } shell || !await shell.FollowAsync(path).ConfigureAwait(false)) return false;
            lock (_gate)
            {
                // Reports what arrived before the shell was ready.
                _reader = shell;
                Tell();
            }

            return true;
        }
        catch (FailureException)
        {
            // The copy's own connection reports why the host gives no shell, if it matters.
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
