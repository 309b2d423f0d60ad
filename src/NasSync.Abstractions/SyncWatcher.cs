namespace NasSync;

/// <summary>What a watcher does.</summary>
public enum SyncWatcherState
{
    /// <summary>It watches and syncs.</summary>
    Running,

    /// <summary>It was asked to stop, and ends what is under way.</summary>
    Stopping,

    /// <summary>It was stopped.</summary>
    Stopped,

    /// <summary>It broke off by itself; <see cref="SyncWatcher.Failure"/> says why.</summary>
    Failed,
}

/// <summary>
/// What was done for one job while its folder was watched, from the manifest's turn to its last outcome; what a run of this job alone would say.
/// </summary>
public sealed record SyncJobResult : SyncResult
{
    /// <summary>A result in which nothing happened.</summary>
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

    /// <summary>The result that an event tells of.</summary>
    public static SyncJobResult Of(TransferEvent.JobFinished job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new SyncJobResult(job.Result) { JobId = job.JobId, ManifestPath = job.ManifestPath };
    }

    /// <summary>The job, or its manifest when it could not be read.</summary>
    public override string ToString() => JobId ?? ManifestPath;
}

/// <summary>A watcher that runs beside its session, in the same process; its numbers grow while it runs. Safe to read from any thread.</summary>
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

    /// <summary>Made by <c>Start-SyncWatcher</c>.</summary>
    /// <param name="id">Its number in this process.</param>
    /// <param name="outputsDir">The folder it watches, as a full path.</param>
    /// <param name="startedAt">When it was started.</param>
    public SyncWatcher(int id, string outputsDir, DateTimeOffset startedAt) => (Id, OutputsDir, StartedAt) = (id, outputsDir, startedAt);

    /// <summary>Raised for each job, on a thread of the watcher's own; for <c>Register-ObjectEvent</c>.</summary>
    public event EventHandler<SyncJobResult>? JobFinished;

    /// <summary>Its number in this process.</summary>
    public int Id { get; }

    /// <summary>The folder it watches, as a full path.</summary>
    public string OutputsDir { get; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>What it does.</summary>
    public SyncWatcherState State => Get(ref _state);

    /// <summary>Jobs done so far; one that was done again counts again.</summary>
    public int Jobs => Get(ref _jobs);

    /// <summary>Copies made, proven and recorded so far.</summary>
    public int Committed => Get(ref _committed);

    /// <summary>Items and manifests that failed so far; one that failed again counts again.</summary>
    public int Failed => Get(ref _failed);

    /// <summary>Bytes sent so far.</summary>
    public long Bytes => Get(ref _bytes);

    /// <summary>The job done last; null before the first.</summary>
    public SyncJobResult? LastJob => Get(ref _last);

    /// <summary>Why it broke off; null while it did not.</summary>
    public Failure? Failure => Get(ref _failure);

    /// <summary>Told by the watcher's own work.</summary>
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

    /// <summary>Told by the watcher's own work.</summary>
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
