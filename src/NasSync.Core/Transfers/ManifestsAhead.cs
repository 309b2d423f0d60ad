using System.Runtime.ExceptionServices;

namespace NasSync.Transfers;

/// <summary>A manifest that was read ahead of its turn.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Decisions">The routes of its artifacts; null when they were not resolved.</param>
/// <param name="Sources">The states of its sources, for the planner; null when they were not read.</param>
/// <param name="At">When the reading began, by the monotonic clock.</param>
/// <param name="Bytes">The bytes of memory that the reading allocated.</param>
internal sealed record ManifestRead(
    Manifest Manifest,
    IReadOnlyList<RouteDecision>? Decisions,
    IReadOnlyList<FileState?>? Sources,
    long At,
    long Bytes);

/// <summary>
/// Returns the manifests of a run in order, and meanwhile reads the next ones on a separate thread, so that reading and planning use two processors.
/// It reads ahead only a few manifests and a little memory, whichever limit is reached first. Only one thread may call <see cref="Next"/>.
/// </summary>
internal sealed class ManifestsAhead : IDisposable
{
    private const int MostManifests = 64;
    private const long MostBytes = 8 << 20;

    // Waking the planner costs about as much as reading a small manifest, so it is woken for several at once; but the first waits only briefly.
    private const int WorthWaking = 8;
    private static readonly TimeSpan ForMore = TimeSpan.FromMilliseconds(1);

    private readonly object _gate = new();
    private readonly Queue<(ManifestSource Source, ManifestRead? Read)> _ready = new();
    private readonly IEnumerable<ManifestSource> _sources;
    private readonly Func<ManifestSource, CancellationToken, ManifestRead?>? _read;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _wake;
    private readonly Thread _thread;
    private long _bytes;
    private bool _isOver;
    private ExceptionDispatchInfo? _error;

    /// <summary>Starts to read.</summary>
    /// <param name="sources">The manifests; the reading thread enumerates them.</param>
    /// <param name="read">Reads one; it throws only when it is cancelled. Null reads none ahead.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public ManifestsAhead(
        IEnumerable<ManifestSource> sources,
        Func<ManifestSource, CancellationToken, ManifestRead?>? read,
        CancellationToken cancellationToken)
    {
        (_sources, _read) = (sources, read);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _wake = _stop.Token.Register(Wake);
        _thread = new Thread(Run) { IsBackground = true, Name = "manifests ahead" };
        _thread.Start();
    }

    /// <summary>The next manifest, with its content if it was read; null after the last one.</summary>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public (ManifestSource Source, ManifestRead? Read)? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                _stop.Token.ThrowIfCancellationRequested();
                if (_ready.TryDequeue(out var next))
                {
                    _bytes -= next.Read?.Bytes ?? 0;
                    if (_ready.Count == MostManifests / 2 || _bytes < MostBytes / 2) Monitor.PulseAll(_gate);
                    return next;
                }

                _error?.Throw();
                if (_isOver) return null;
                Monitor.Wait(_gate);
                if (_ready.Count is > 0 and < WorthWaking && _bytes < MostBytes && !_isOver) Monitor.Wait(_gate, ForMore);
            }
        }
    }

    /// <summary>Ends the thread after the manifest that it is reading.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _wake.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            foreach (var source in _sources)
            {
                if (!WaitForRoom()) return;
                Add(source, _read?.Invoke(source, _stop.Token));
            }
        }
        catch (Exception e)
        {
            // The next call of Next throws it.
            lock (_gate) _error = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            lock (_gate)
            {
                _isOver = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    // Called before reading, because a manifest that was read stays in memory.
    private bool WaitForRoom()
    {
        lock (_gate)
        {
            while (!_stop.IsCancellationRequested && (_ready.Count >= MostManifests || _bytes >= MostBytes)) Monitor.Wait(_gate);
            return !_stop.IsCancellationRequested;
        }
    }

    private void Add(ManifestSource source, ManifestRead? read)
    {
        lock (_gate)
        {
            _ready.Enqueue((source, read));
            _bytes += read?.Bytes ?? 0;
            if (_ready.Count is 1 or WorthWaking) Monitor.PulseAll(_gate);
        }
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }
}
