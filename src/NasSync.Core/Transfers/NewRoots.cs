using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// The destination roots that a run creates. A new place looks the same as a misspelt mount point, where copies would fill the wrong disk. So a
/// notice is given before anything is created, and this run removes no source and no job folder because of such a copy; the next run finds an
/// existing root. Not thread-safe.
/// </summary>
/// <param name="config">The configuration.</param>
/// <param name="lanes">The destinations.</param>
/// <param name="threads">The threads for calls that may hang.</param>
/// <param name="isEndless">Whether the run watches and does not end by itself.</param>
/// <param name="emit">Called with a notice, once for each root that will be created.</param>
/// <param name="stop">Ends the questions to servers.</param>
internal sealed class NewRoots(
    SyncConfig config,
    Lanes lanes,
    WorkerThreads threads,
    bool isEndless,
    Action<TransferEvent> emit,
    CancellationToken stop)
{
    /// <summary>The code of the notice.</summary>
    public const string Code = "DestinationNew";

    private readonly Dictionary<(string Destination, string Root), bool> _roots = [];
    private readonly List<string> _made = [];
    private readonly List<string> _madeOnServers = [];

    /// <summary>The plan, with a mark on each item whose artifact gets a copy at a root that this run creates; its source stays.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isAbout">Whether the run executes an item; other items create nothing.</param>
    public TransferPlan Hold(TransferPlan plan, Func<PlanItem, bool> isAbout)
    {
        HashSet<object>? held = null;
        foreach (var item in plan.Items)
        {
            if (item.Target is not { } target) continue;
            if (item.Action == PlanAction.Copy && isAbout(item) ? IsNew(target) : IsKnownNew(target))
                (held ??= new(ReferenceEqualityComparer.Instance)).Add(item.Artifact);
        }

        if (held is null) return plan;
        return new([.. plan.Items.Select(item => held.Contains(item.Artifact)
            ? item with { Release = ReleasePolicy.Keep, IsAtNewRoot = true }
            : item)]);
    }

    private bool IsKnownNew(Target target) =>
        _made.Count + _madeOnServers.Count > 0 && _roots.TryGetValue((target.Destination, target.Root), out var isNew) && isNew;

    private bool IsNew(Target target)
    {
        var key = (target.Destination, target.Root);
        if (_roots.TryGetValue(key, out var known)) return known;
        try
        {
            var lane = lanes.Of(target);
            return _roots[key] = lane.Root is { } root
                && (IsInMade(root, target) || Tell(root, target, lane.Ask(_ => root.RootToMakeAsync(stop).AsTask(), threads)));
        }
        catch (FailureException)
        {
            // The copy itself will report the error. A root that could not be checked counts as new, so that its sources stay.
            return true;
        }
    }

    // Another root of this run may have created the missing folder first, perhaps under another name. Two destinations on servers may be the same
    // server, so roots that could lie inside each other count as one.
    private bool IsInMade(IMakesRoot root, Target target)
    {
        if (root is RootedDestination) return _madeOnServers.Exists(made => IsIn(target.Root, made) || IsIn(made, target.Root));
        if (_made.Count == 0) return false;
        var real = Real(target.Root);
        return _made.Exists(made => IsIn(real, made));
    }

    private static bool IsIn(string root, string folder) =>
        root == folder
            || root.StartsWith(folder.TrimEnd('/') + '/', StringComparison.Ordinal)
            || root.EndsWith('/' + folder, StringComparison.Ordinal);

    // Resolves the links of the existing part; the missing part has none.
    private static string Real(string path)
    {
        if (OperatingSystem.IsWindows()) return path;
        var there = path;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { Length: > 0 } above) there = above;
        return Path.Join(NetworkFileSystem.RealPath(there), path[there.Length..]);
    }

    private bool Tell(IMakesRoot root, Target target, string? made)
    {
        if (made is null) return false;
        if (root is RootedDestination) _madeOnServers.Add(target.Root);
        else _made.Add(Real(made));
        emit(new TransferEvent.Warned(new Notice(Code, $"{Failure.Quote(made)} does not exist; the first copy creates it.", Hint) { IsCalm = true }));
        return true;
    }

    private string Hint
    {
        get
        {
            const string Cure = "If it should be a mounted disk, mount it or correct the path.";
            var isHeld = config.FinishedJobs.Action != FinishedJobsAction.Keep || config.Routes.Any(route => route.Release == ReleasePolicy.Delete);
            if (!isHeld) return Cure;
            var until = isEndless ? "the watcher is restarted" : "the next run";
            return $"{Cure} NasSync removes no source and no job folder of copies there before {until}.";
        }
    }
}
