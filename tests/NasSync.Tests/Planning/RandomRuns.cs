using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>
/// Numbers that decide everything random about a scenario; when they are used up the answer is 0, so fewer and smaller ones are simpler.
/// </summary>
internal sealed class Tape(int[] numbers)
{
    private int _at;

    public int Next(int below) => _at < numbers.Length ? numbers[_at++] % below : 0;

    public T Of<T>(params T[] choices) => choices[Next(choices.Length)];

    public bool OneIn(int n) => Next(n) == n - 1;
}

/// <summary>
/// A small world in which jobs want few places, so that they meet all the time, and in which people and producers change things between
/// the runs. It remembers by itself who put what where, so that the ledger's word is not taken for it.
/// </summary>
internal sealed class RandomRuns
{
    private readonly Tape _tape;
    private readonly string[] _places;
    private readonly ConflictPolicy[] _policies;
    private readonly Dictionary<string, (string JobId, string Artifact, string Hash)> _writers = new(StringComparer.Ordinal);
    private long _clock = 10;

    public RandomRuns(int[] numbers, string[] places, params ConflictPolicy[] policies)
    {
        (_tape, _places, _policies) = (new(numbers), places, policies);
        var jobs = 1 + _tape.Next(4);
        for (var job = 1; job <= jobs; job++) Jobs.Insert(_tape.Next(Jobs.Count + 1), MakeJob($"j{job}"));
        for (var strangers = _tape.Next(4); strangers > 0; strangers--) Edit();
    }

    public MemoryWorld World { get; } = new();

    public List<(Manifest Manifest, List<RouteDecision> Decisions)> Jobs { get; } = [];

    /// <summary>Plans every job with one planner, and carries the plans out: each at once, or all at the end.</summary>
    public List<PlanItem> Run(bool force = false, bool atOnce = true)
    {
        var planner = new Planner();
        var plans = new List<TransferPlan>();
        foreach (var (manifest, decisions) in Jobs)
        {
            plans.Add(planner.Plan(manifest, decisions, World, force));
            if (atOnce) CarryOut(plans[^1]);
        }

        if (!atOnce) plans.ForEach(CarryOut);
        return [.. plans.SelectMany(plan => plan.Items)];
    }

    /// <summary>Plans every job with one planner and does nothing.</summary>
    /// <param name="force">Look at every target.</param>
    /// <param name="oneByOne">Decide each item for itself, also where nothing of its manifest has changed.</param>
    public List<PlanItem> PlanOnly(bool force = false, bool oneByOne = false)
    {
        var planner = new Planner();
        return [.. Jobs.SelectMany(job => planner.Plan(job.Manifest, job.Decisions, World, force, oneByOne ? (_, _) => false : null).Items)];
    }

    /// <summary>Something happens between two runs.</summary>
    public void Change()
    {
        switch (_tape.Next(6))
        {
            case 0: Edit(); break;
            case 1: World.Remove(InMemory.Target(_tape.Of([.. World.Files.Keys.Select(place => place["local|/nas/".Length..]), _places[0]]))); break;
            case 2: Produce(); break;
            case 3: Jobs.Reverse(); break;
            case 4: World.EditRows(row => _tape.OneIn(3) ? row with { Receipt = row.Receipt with { VerifiedBy = VerifiedBy.SizeOnly } } : row); break;
            case 5: Reroute(); break;
        }
    }

    /// <summary>True with a chance that the tape decides.</summary>
    public bool Maybe() => _tape.OneIn(2);

    private void CarryOut(TransferPlan plan)
    {
        foreach (var item in plan.Items)
        {
            if (item is { Action: PlanAction.Copy, Replaces: not null }) AssertMayReplace(item);
            if (item.Action is not (PlanAction.Copy or PlanAction.Adopt)) continue;
            World.CarryOut(new([item]));
            var place = MemoryWorld.Place(item.Target!);
            if (!item.IsAdopted) _writers[place] = (item.JobId, item.Artifact.Path, World.Files[place].Hash);
        }
    }

    private void AssertMayReplace(PlanItem item)
    {
        var policy = Jobs.SelectMany(job => job.Decisions).Single(d => d.JobId == item.JobId && d.Artifact == item.Artifact).Route!.OnConflict;
        if (policy == ConflictPolicy.Overwrite) return;
        var place = MemoryWorld.Place(item.Target!);
        Assert.True(_writers.TryGetValue(place, out var writer), $"{item.Target} was put there by someone else");
        Assert.Equal((item.JobId, item.Artifact.Path, World.Files[place].Hash), writer);
    }

    private (Manifest Manifest, List<RouteDecision> Decisions) MakeJob(string jobId)
    {
        var artifacts = Enumerable.Range(1, 1 + _tape.Next(3)).Select(i => InMemory.Artifact($"{i}.m4a")).ToArray();
        var manifest = InMemory.Manifest(jobId, artifacts);
        foreach (var artifact in artifacts) World.Source(jobId, artifact.Path, Content());
        return (manifest, [.. artifacts.Select(artifact => Decide(manifest, artifact))]);
    }

    private RouteDecision Decide(Manifest manifest, Artifact artifact)
    {
        if (_tape.OneIn(9)) return new() { Manifest = manifest, Artifact = artifact, SkipReason = "no route" };
        var targets = Enumerable.Range(0, 1 + _tape.Next(2)).Select(_ => InMemory.Target(_tape.Of(_places))).DistinctBy(target => target.Key);
        return InMemory.Decision(manifest, artifact, _tape.Of(_policies), [.. targets]);
    }

    // Someone who is no job puts a file there, or over one of ours.
    private void Edit()
    {
        var target = InMemory.Target(_tape.Of(_places));
        var place = MemoryWorld.Place(target);
        if (World.Files.Keys.Any(
            file => file.StartsWith(place + "/", StringComparison.Ordinal) || place.StartsWith(file + "/", StringComparison.Ordinal))) return;
        World.Put(target, Content(), _clock++);
    }

    private void Reroute()
    {
        var (manifest, decisions) = Jobs[_tape.Next(Jobs.Count)];
        var at = _tape.Next(decisions.Count);
        decisions[at] = Decide(manifest, decisions[at].Artifact);
    }

    private void Produce()
    {
        var (manifest, _) = Jobs[_tape.Next(Jobs.Count)];
        var path = manifest.Artifacts[_tape.Next(manifest.Artifacts.Count)].Path;
        if (Maybe()) World.Source(manifest.JobId, path, Content(), _clock++);
        else World.EditSource(manifest.JobId, path, Content(), _clock++);
    }

    // Few contents, two of one size: so that hashes must tell, and sometimes agree.
    private string Content() => _tape.Of("x", "y", "long");
}
