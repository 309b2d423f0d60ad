using NasSync.Destinations.Pipeline;

namespace NasSync.Tests.Faults.Model;

/// <summary>One event of a story. Its text is the C# expression that creates it, so that a story can be pasted into a test.</summary>
internal abstract record Step
{
    public abstract Task TakeAsync(ModelWorld world);

    /// <summary>Simpler variants of this step, for shortening a failing story; empty when there are none.</summary>
    public virtual IEnumerable<Step> Simpler() => [];
}

/// <summary>A producer writes a job; an existing one is replaced.</summary>
/// <param name="Job">The job.</param>
/// <param name="Artifacts">A bit for each of <see cref="ModelWorld.Artifacts"/>.</param>
internal sealed record WriteJob(string Job, int Artifacts) : Step
{
    public override Task TakeAsync(ModelWorld world)
    {
        world.Producer.Write(Job, ModelWorld.Artifacts.Where((_, bit) => (Artifacts >> bit & 1) != 0));
        return Task.CompletedTask;
    }

    public override IEnumerable<Step> Simpler() =>
        new[] { 1, 2, 4 }.Where(bit => bit != Artifacts && (bit & Artifacts) != 0).Select(bit => new WriteJob(Job, bit));

    public override string ToString() => $"new WriteJob(\"{Job}\", {Artifacts})";
}

/// <summary>The producer writes the manifest again: with the same bytes, or as a new generation.</summary>
internal sealed record RewriteManifest(string Job, bool Changed) : Step
{
    public override Task TakeAsync(ModelWorld world)
    {
        world.Producer.Rewrite(Job, Changed);
        return Task.CompletedTask;
    }

    public override string ToString() => $"new RewriteManifest(\"{Job}\", {(Changed ? "true" : "false")})";
}

/// <summary>A source's content changes: by a new file or in place, to a unique content or to the shared one.</summary>
internal sealed record ChangeSource(string Job, string Artifact, bool InPlace, bool Shared) : Step
{
    public override Task TakeAsync(ModelWorld world)
    {
        world.Producer.Change(Job, Artifact, InPlace, Shared);
        return Task.CompletedTask;
    }

    public override IEnumerable<Step> Simpler()
    {
        if (InPlace) yield return this with { InPlace = false };
        if (Shared) yield return this with { Shared = false };
    }

    public override string ToString() =>
        $"new ChangeSource(\"{Job}\", \"{Artifact}\", {(InPlace ? "true" : "false")}, {(Shared ? "true" : "false")})";
}

/// <summary>The job's folder is renamed, which changes its place in the sort order.</summary>
internal sealed record RenameJob(string Job) : Step
{
    public override Task TakeAsync(ModelWorld world)
    {
        world.Producer.Rename(Job);
        return Task.CompletedTask;
    }

    public override string ToString() => $"new RenameJob(\"{Job}\")";
}

/// <summary>The producer removes a job.</summary>
internal sealed record RemoveJob(string Job) : Step
{
    public override Task TakeAsync(ModelWorld world)
    {
        world.Producer.Remove(Job);
        return Task.CompletedTask;
    }

    public override string ToString() => $"new RemoveJob(\"{Job}\")";
}

/// <summary>A person puts a file at a path where an artifact may go: with a content of its own, or with that of a source.</summary>
internal sealed record PutForeign(int Place, string Path, bool LikeSource) : Step
{
    public static readonly string[] Paths =
        ["sound/song.m4a", "sound/SONG.m4a", "sound/song (j2).m4a", "sound/mix.m4a", "sound/j1/song.m4a", "films/film.mkv", "films/film (j1).mkv"];

    public override Task TakeAsync(ModelWorld world) => world.PutForeignAsync(Place, Path, LikeSource);

    public override IEnumerable<Step> Simpler() => LikeSource ? [this with { LikeSource = false }] : [];

    public override string ToString() => $"new PutForeign({Place}, \"{Path}\", {(LikeSource ? "true" : "false")})";
}

/// <summary>A person changes a file at a place; <paramref name="Which"/> is its number among all files there.</summary>
internal sealed record ChangeCopy(int Which) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.ChangeCopyAsync(Which);

    public override IEnumerable<Step> Simpler() => Which > 0 ? [new ChangeCopy(0), new ChangeCopy(Which - 1)] : [];

    public override string ToString() => $"new ChangeCopy({Which})";
}

/// <summary>A person deletes a file at a place.</summary>
internal sealed record DeleteCopy(int Which) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.DeleteCopyAsync(Which);

    public override IEnumerable<Step> Simpler() => Which > 0 ? [new DeleteCopy(0), new DeleteCopy(Which - 1)] : [];

    public override string ToString() => $"new DeleteCopy({Which})";
}

/// <summary>A run without faults.</summary>
internal sealed record Sync(bool Force) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.SyncAsync(Force);

    public override IEnumerable<Step> Simpler() => Force ? [new Sync(false)] : [];

    public override string ToString() => $"new Sync({(Force ? "true" : "false")})";
}

/// <summary>A run in which calls to one place fail, before or after the place has carried them out.</summary>
internal sealed record FaultySync(int Place, DestinationCall Call, FailureClass Class, bool After, int Times) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.FaultySyncAsync(Place, faulty => faulty.Fail(Call, Class, Times, After));

    public override IEnumerable<Step> Simpler()
    {
        yield return new Sync(false);
        if (Class != FailureClass.Permission) yield return this with { Class = FailureClass.Permission, Times = 1 };
        if (Times > 1) yield return this with { Times = 1 };
        if (After) yield return this with { After = false };
    }

    public override string ToString() =>
        $"new FaultySync({Place}, DestinationCall.{Call}, FailureClass.{Class}, {(After ? "true" : "false")}, {Times})";
}

/// <summary>A run in which a place silently loses the end of every copy.</summary>
internal sealed record SpoiltSync(int Place) : Step
{
    private const int At = 17;

    public override Task TakeAsync(ModelWorld world) => world.FaultySyncAsync(Place, faulty => faulty.CutAt = At);

    public override IEnumerable<Step> Simpler() => [new Sync(false)];

    public override string ToString() => $"new SpoiltSync({Place})";
}

/// <summary>A run of the program that is killed at a crash point, or ends normally if it does not reach the point.</summary>
internal sealed record Crash(string Point, int Time) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.CrashAsync($"{Point}:{Time}");

    public override IEnumerable<Step> Simpler()
    {
        yield return new Sync(false);
        if (Time > 1) yield return this with { Time = 1 };
    }

    public override string ToString() => $"new Crash(\"{Point}\", {Time})";
}

/// <summary>A run that retries what failed before, and nothing else.</summary>
internal sealed record Retry : Step
{
    public override Task TakeAsync(ModelWorld world) => world.RetryAsync();

    public override string ToString() => "new Retry()";
}

/// <summary>Time passes.</summary>
internal sealed record Advance(int Hours) : Step
{
    public override Task TakeAsync(ModelWorld world)
    {
        world.Time.Advance(TimeSpan.FromHours(Hours));
        return Task.CompletedTask;
    }

    public override string ToString() => $"new Advance({Hours})";
}

/// <summary>The ledger is deleted, damaged, or gone with the whole work folder.</summary>
internal sealed record LoseLedger(LedgerLoss How) : Step
{
    public override Task TakeAsync(ModelWorld world)
    {
        world.LoseLedger(How);
        return Task.CompletedTask;
    }

    public override IEnumerable<Step> Simpler() => How == LedgerLoss.Deleted ? [] : [new LoseLedger(LedgerLoss.Deleted)];

    public override string ToString() => $"new LoseLedger(LedgerLoss.{How})";
}

/// <summary>How a ledger is lost.</summary>
internal enum LedgerLoss
{
    Deleted,
    Damaged,
    WorkFolderGone,
}

/// <summary>Runs until nothing is left to do. The last run may only look at the sources, and no temporary file may remain.</summary>
internal sealed record Settle : Step
{
    public override Task TakeAsync(ModelWorld world) => world.SettleAsync();

    public override string ToString() => "new Settle()";
}
