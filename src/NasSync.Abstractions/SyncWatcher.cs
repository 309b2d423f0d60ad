namespace NasSync;

/// <summary>The state of a watcher.</summary>
public enum SyncWatcherState
{
    /// <summary>Watching and syncing.</summary>
    Running,

    /// <summary>A stop was requested; finishing the work in progress.</summary>
    Stopping,

    /// <summary>Stopped on request.</summary>
    Stopped,

    /// <summary>Stopped by an error; <see cref="SyncWatcher.Failure"/> says why.</summary>
    Failed,
}

/// <summary>
/// The result of one job in a watched folder, from the processing of its manifest to its last outcome, with the same totals as a run of this job
/// alone.
/// </summary>
public sealed record SyncJobResult : SyncResult
{
    /// <summary>A result without any outcome.</summary>
    public SyncJobResult()
    {
    }

    private SyncJobResult(SyncResult result)
        : base(result)
    {
    }

    /// <summary>The job; null when its manifest could not be read.</summary>
    public string? JobId { get; init; }

    /// <summary>The manifest's full path.</summary>
    public required string ManifestPath { get; init; }

    /// <summary>The result that an event reports.</summary>
    public static SyncJobResult Of(TransferEvent.JobFinished job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new SyncJobResult(job.Result) { JobId = job.JobId, ManifestPath = job.ManifestPath };
    }

    /// <summary>The job, or its manifest when it could not be read.</summary>
    public override string ToString() => JobId ?? ManifestPath ?? "";
}

/// <summary>
/// A watcher that runs in the background of a session, in the same process; its counters grow while it runs. Safe to read from any thread.
/// </summary>
public sealed class SyncWatcher
{
    private readonly object _gate = new();
    private SyncWatcherState _state;
    private int _jobs;
    private int _committed;
    private int _failed;
    private long _bytes;
    private SyncJobResult? _last;
    private Failure? _failure;

    /// <summary>Created by <c>Start-SyncWatcher</c>.</summary>
    /// <param name="id">Its number in this process.</param>
    /// <param name="outputsDir">The watched folder, as a full path.</param>
    /// <param name="startedAt">When it was started.</param>
    public SyncWatcher(int id, string outputsDir, DateTimeOffset startedAt) => (Id, OutputsDir, StartedAt) = (id, outputsDir, startedAt);

    /// <summary>Raised for each finished job, on a thread of the watcher; for <c>Register-ObjectEvent</c>.</summary>
    public event EventHandler<SyncJobResult>? JobFinished;

    /// <summary>Its number in this process.</summary>
    public int Id { get; }

    /// <summary>The watched folder, as a full path.</summary>
    public string OutputsDir { get; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>The state.</summary>
    public SyncWatcherState State => Get(ref _state);

    /// <summary>Jobs finished so far; a job that was processed again counts again.</summary>
    public int Jobs => Get(ref _jobs);

    /// <summary>Copies made, verified and recorded so far.</summary>
    public int Committed => Get(ref _committed);

    /// <summary>Items and manifests that failed so far; one that failed again counts again.</summary>
    public int Failed => Get(ref _failed);

    /// <summary>Bytes sent so far.</summary>
    public long Bytes => Get(ref _bytes);

    /// <summary>The job that finished last; null before the first.</summary>
    public SyncJobResult? LastJob => Get(ref _last);

    /// <summary>The error that stopped the watcher; null when there was none.</summary>
    public Failure? Failure => Get(ref _failure);

    /// <summary>Adds a job's result and raises <see cref="JobFinished"/>; called only by the watcher itself.</summary>
    public void Count(SyncJobResult job)
    {
        ArgumentNullException.ThrowIfNull(job);
        lock (_gate)
        {
            _jobs++;
            _committed += job.Committed;
            _failed += job.Failed;
            _bytes += job.Bytes;
            _last = job;
        }

        JobFinished?.Invoke(this, job);
    }

    /// <summary>Sets the state, and the failure unless it is null; called only by the watcher itself.</summary>
    public void Become(SyncWatcherState state, Failure? failure = null)
    {
        lock (_gate) (_state, _failure) = (state, failure ?? _failure);
    }

    /// <summary>Number and folder.</summary>
    public override string ToString() => $"SyncWatcher {Id}: {OutputsDir}";

    private T Get<T>(ref T field)
    {
        lock (_gate) return field;
    }
}
