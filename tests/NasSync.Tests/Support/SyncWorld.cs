using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.Transfers;

namespace NasSync.Tests.Support;

/// <summary>An outputs folder, a NAS folder and a work folder, with methods that run the real engine on them.</summary>
internal sealed class SyncWorld : IDisposable
{
    private static readonly Patience Endless = new() { Folder = TimeSpan.FromDays(10_000), Server = TimeSpan.FromDays(10_000) };
    private readonly TempFolder _temp;

    /// <summary>Makes the folders below the machine's temp path or another folder; the NAS folder may be elsewhere.</summary>
    public SyncWorld(string? nas = null, string? below = null)
    {
        _temp = new TempFolder(below);
        Outputs = _temp.MakeFolder("outputs");
        Nas = nas ?? _temp.MakeFolder("nas");
        Config = new SyncConfig
        {
            OutputsDir = Outputs,
            WorkDir = _temp["work"],
            // No settling time, because tests change sources at once; tests about settling set their own.
            Settle = TimeSpan.Zero,
            RemoteRoots = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["nas"] = Nas },
            Routes = [new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"] }],
        };
    }

    /// <inheritdoc cref="TempFolder.HoldsUnreadableNames"/>
    public bool HoldsUnreadableNames
    {
        set => _temp.HoldsUnreadableNames = value;
    }

    public string Outputs { get; }

    public string Nas { get; }

    public string Root => _temp.Path;

    public SyncConfig Config { get; set; }

    /// <summary>Replaces the only route.</summary>
    public Route Route
    {
        set => Config = Config with { Routes = [value] };
    }

    public SampleJob Job(string jobId = "job_1") => new(Outputs, jobId);

    /// <summary>The environment variables for references to secrets.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The free bytes in the work folder below which a run starts no new work.</summary>
    public long LeastFree { get; set; } = WorkFolder.LeastFree;

    /// <summary>
    /// The clock of the runs; null: the system's. A clock that a test moves may run ahead of real work; then no place is taken to hang.
    /// </summary>
    public TimeProvider? Time { get; set; }

    /// <summary>Wraps every destination of the runs.</summary>
    public Func<Target, IDestination, IDestination>? Wrap { get; set; }

    public async Task<IReadOnlyList<TransferEvent>> RunAsync(SyncRequest? request = null, CancellationToken cancellationToken = default)
    {
        var events = new List<TransferEvent>();
        await foreach (var one in Engine().RunAsync(request ?? new SyncRequest(), cancellationToken)) events.Add(one);
        return events;
    }

    /// <summary>An engine for one run, for a test that consumes the events itself.</summary>
    public SyncEngine Engine() => new(Config, Time)
    {
        Variables = Variables,
        LeastFree = LeastFree,
        Wrap = Wrap,
        Patience = Time is ManualTime ? Endless : new(),
    };

    /// <summary>Runs and returns the result only.</summary>
    public async Task<SyncResult> SyncAsync(SyncRequest? request = null) => ((TransferEvent.Finished)(await RunAsync(request))[^1]).Result;

    /// <summary>Runs and returns the failures only.</summary>
    public async Task<IReadOnlyList<Failure>> FailuresAsync() =>
        [.. (await RunAsync()).OfType<TransferEvent.Failed>().Select(failed => failed.Failure)];

    public IReadOnlyList<RecordedCopy> Recorded(string jobId = "job_1")
    {
        using var ledger = Ledger.OpenReadOnly(Config.WorkDir);
        return ledger.OfJob(jobId);
    }

    /// <summary>The relative paths of all files below the NAS folder, sorted; hidden files included, the marker excluded.</summary>
    public IReadOnlyList<string> NasFiles() => !Directory.Exists(Nas) ? [] :
    [
        .. Directory.EnumerateFiles(Nas, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Nas, file))
            .Where(file => file != PlaceMarker.Name)
            .Order(StringComparer.Ordinal),
    ];

    public void Dispose() => _temp.Dispose();
}
