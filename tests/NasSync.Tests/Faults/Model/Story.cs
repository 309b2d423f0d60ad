using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using NasSync.Destinations.Pipeline;
using NasSync.Processes;

namespace NasSync.Tests.Faults.Model;

/// <summary>A sequence of steps. After the last one, runs follow until nothing is left to do.</summary>
internal sealed record Story(IReadOnlyList<Step> Steps)
{
    private static readonly TimeSpan MostShrinking = TimeSpan.FromMinutes(2);
    private static readonly Stopwatch Shrinking = new();

    private static readonly string[] CrashPoints =
    [
        CrashPoint.Planned, CrashPoint.SourceOpened, CrashPoint.AllBlocks, CrashPoint.Recording, CrashPoint.Recorded, CrashPoint.Releasing,
        CrashPoint.Released,
        CrashPoint.LedgerCommitting, CrashPoint.LedgerCommitted, CrashPoint.LocalMarked, CrashPoint.LocalPartCreated, CrashPoint.LocalWritten,
        CrashPoint.LocalFsynced,
        CrashPoint.LocalRenaming, CrashPoint.LocalRenamed, CrashPoint.LocalRenamed, CrashPoint.LocalFolderFsynced,
    ];

    private static readonly FailureClass[] Classes =
        [
            FailureClass.Transient, FailureClass.Throttled, FailureClass.Unavailable, FailureClass.NoSpace, FailureClass.Permission,
            FailureClass.Conflict,
        ];

    private static readonly DestinationCall[] Calls = [
        DestinationCall.Stat, DestinationCall.Hash, DestinationCall.Begin, DestinationCall.Write, DestinationCall.Commit, DestinationCall.Commit,
        DestinationCall.Adopt,
    ];

    /// <summary>The steps as C# expressions, ready for a test.</summary>
    public override string ToString() => string.Concat(Steps.Select(step => $"\n  {step},"));

    /// <summary>Random stories with two places. FsCheck shortens a failing story as long as it still fails.</summary>
    public static Arbitrary<Story> Any { get; } = Arb.From(Stories(AnyStep()), Shorter);

    /// <summary>Random stories with places of other kinds.</summary>
    public static Gen<Story> Stories(Gen<Step> steps) =>
        from begin in Gen.Choose(1, 7).Select(artifacts => (Step)new WriteJob("j1", artifacts))
        from rest in steps.ListOf()
        select new Story([begin, .. rest]);

    /// <summary>A random change of sources, copies or the ledger, or a plain run.</summary>
    public static Gen<Step> AnyChange(int places)
    {
        // Most steps concern the first job, which exists from the start; the others collide with it.
        var jobs = Gen.Elements("j1", "j1", "j1", "j2", "j2", "j3");
        var truth = Gen.Elements(true, false);
        var copies = Gen.Choose(0, 9);
        return Gen.Frequency(
            (5, from job in jobs from artifacts in Gen.Choose(1, 7) select (Step)new WriteJob(job, artifacts)),
            (1, from job in jobs from changed in truth select (Step)new RewriteManifest(job, changed)),
            (5, from job in jobs
                from artifact in Gen.Elements(ModelWorld.Artifacts)
                from inPlace in truth
                from shared in truth
                select (Step)new ChangeSource(job, artifact, inPlace, shared)),
            (1, from job in jobs select (Step)new RenameJob(job)),
            (1, from job in jobs select (Step)new RemoveJob(job)),
            (2, from place in Gen.Choose(0, places - 1)
                from path in Gen.Elements(PutForeign.Paths)
                from like in truth
                select (Step)new PutForeign(place, path, like)),
            (3, from which in copies select (Step)new ChangeCopy(which)),
            (2, from which in copies select (Step)new DeleteCopy(which)),
            (9, from force in Gen.Elements(false, false, true) select (Step)new Sync(force)),
            (1, Gen.Constant((Step)new Retry())),
            (1, from hours in Gen.Choose(1, 24 * 9) select (Step)new Advance(hours)),
            (1, from how in Gen.Elements(Enum.GetValues<LedgerLoss>()) select (Step)new LoseLedger(how)),
            (2, Gen.Constant((Step)new Settle())));
    }

    private static Gen<Step> AnyStep()
    {
        var truth = Gen.Elements(true, false);
        return Gen.Frequency(
            (28, AnyChange(ModelWorld.Places)),
            (6, from place in Gen.Choose(0, ModelWorld.Places - 1)
                from call in Gen.Elements(Calls)
                from failure in Gen.Elements(Classes)
                from after in truth
                from times in Gen.Choose(1, 4)
                select (Step)new FaultySync(place, call, failure, after, times)),
            (1, from place in Gen.Choose(0, ModelWorld.Places - 1) select (Step)new SpoiltSync(place)),
            (8, from point in Gen.Elements(CrashPoints) from time in Gen.Choose(1, 3) select (Step)new Crash(point, time)));
    }

    // Removes long pieces first, then single steps, then simplifies steps. Trying a candidate means playing it, so this stops after a while.
    private static IEnumerable<Story> Shorter(Story story)
    {
        Shrinking.Start();
        var steps = story.Steps;
        for (var length = (steps.Count + 1) / 2; length > 0; length /= 2)
            for (var at = 0; at < steps.Count; at += length)
                if (Shrinking.Elapsed < MostShrinking) yield return new([.. steps.Take(at), .. steps.Skip(at + length)]);
        for (var at = 0; at < steps.Count; at++)
            foreach (var simpler in steps[at].Simpler())
                if (Shrinking.Elapsed < MostShrinking) yield return new([.. steps.Take(at), simpler, .. steps.Skip(at + 1)]);
    }
}
