using System.Runtime.ExceptionServices;

namespace NasSync.Transfers;

/// <summary>A manifest as it was read before its turn.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Decisions">Its artifacts' routes; null: not looked for.</param>
/// <param name="Sources">As the planner takes them; null: not looked at.</param>
/// <param name="At">When the reading began, by the monotonic clock.</param>
/// <param name="Bytes">The memory that reading it took.</param>
internal sealed record ManifestRead(
    Manifest Manifest,
    IReadOnlyList<RouteDecision>? Decisions,
    IReadOnlyList<FileState?>? Sources,
    long At,
    long Bytes);

/// <summary>
/// Hands out the manifests of a run in their order, and reads the next ones on a thread of its own meanwhile, so that reading and planning have a
/// processor each. It is ahead by few manifests and little memory, whichever is reached first. One thread may ask for the next one.
/// </summary>
internal sealed class ManifestsAhead : IDisposable
{
    private const int MostManifests = 64;
    private const long MostBytes = 8 << 20;

    // To be woken costs about as much as to read a small manifest, so that it should be for several; but the first is not kept back for long.
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

    /// <summary>Begins to read.</summary>
    /// <param name="sources">The manifests; they are listed on the thread that reads.</param>
    /// <param name="read">Reads one, and never throws but when it is told to stop; null: none is read ahead.</param>
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

    /// <summary>The next manifest, with what was read of it; null after the last one.</summary>
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

    /// <summary>Ends the thread; what it reads at this moment it still reads.</summary>
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
            // Whoever asks for the next one gets it.
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

    // Before it reads: what is read is held.
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
