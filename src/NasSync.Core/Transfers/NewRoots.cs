using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// The roots of destinations that a run makes anew. Nobody can tell the first copy to a place from one to a mount point that is misspelt: what goes
/// there would fill the wrong disk. So it is said before anything is made, and as long as the run lasts no source is removed for such a copy, nor a
/// job's folder cleared away; the next run finds the root there. One thread at a time.
/// </summary>
/// <param name="config">The configuration.</param>
/// <param name="lanes">The destinations.</param>
/// <param name="threads">Where what may hang is asked.</param>
/// <param name="isEndless">The run watches, and does not end by itself.</param>
/// <param name="emit">Told once of each folder that is to be made.</param>
internal sealed class NewRoots(SyncConfig config, Lanes lanes, WorkerThreads threads, bool isEndless, Action<TransferEvent> emit)
{
    /// <summary>The code of the notice.</summary>
    public const string Code = "DestinationNew";

    private readonly Dictionary<(string Destination, string Root), bool> _roots = [];
    private readonly List<string> _made = [];
    private readonly List<string> _madeOnServers = [];

    /// <summary>The plan, with each item marked whose artifact gets a copy at a root that this run makes; its source stays.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isAbout">Whether the run is about an item; what it is not about makes nothing.</param>
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
                && (IsInMade(root, target) || Tell(root, target, lane.Ask(_ => root.RootToMakeAsync(CancellationToken.None).AsTask(), threads)));
        }
        catch (FailureException)
        {
            // Whoever copies there says what is wrong; what could not be looked at is no reason to remove anything.
            return true;
        }
    }

    // Another root of the run may have been the first in a folder that was missing, also by another name of it. What two destinations of servers are
    // to each other nobody knows, so that roots which may lie in each other count as one.
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

    // The part that is there without its links; what is missing has none.
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
        emit(new TransferEvent.Warned(new Notice(Code, $"{Failure.Quote(made)} is not there and will be made.", Hint) { IsCalm = true }));
        return true;
    }

    private string Hint
    {
        get
        {
            const string Cure = "Where a mounted disk is meant, mount it or correct the path.";
            var isHeld = config.FinishedJobs.Action != FinishedJobsAction.Keep || config.Routes.Any(route => route.Release == ReleasePolicy.Delete);
            if (!isHeld) return Cure;
            return $"Until {(isEndless ? "the watcher is started anew" : "the next run")} the sources of copies there stay, and their jobs' folders. {Cure}";
        }
    }
}
