using NasSync.Config;
using NasSync.Destinations;
using NasSync.Ledgers;
using NasSync.Processes;
using NasSync.Tests.Faults.Crashes;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Faults.Model;

/// <summary>
/// Job folders, places and a ledger. The real engine runs on them, in this process or in one that is killed, while people and producers change
/// files. After every run the state is checked against <see cref="Beliefs"/>.
/// </summary>
internal sealed class ModelWorld : IAsyncDisposable
{
    /// <summary>The number of places in a story with local folders.</summary>
    public const int Places = 2;

    public static readonly string[] Artifacts = ["song.m4a", "mix.m4a", JobFolders.Moved];

    // At most this many runs until nothing is left to do: to rebuild the ledger, to prove the copies and release the source, to find nothing more.
    private const int MostRunsToRest = 4;
    private const int Tries = 3;
    private const int Killed = 128 + 9;

    private readonly TempFolder _folder;
    private readonly IReadOnlyList<CrashPlace> _places;
    private readonly Beliefs _beliefs = new();
    private readonly Contents _contents;
    private readonly SyncConfig _config;

    /// <summary>Makes a world of places.</summary>
    /// <param name="folder">Holds all local files; the caller disposes it.</param>
    /// <param name="places">The places; they are disposed with the world.</param>
    /// <param name="sizes">The sizes of contents, used in turn.</param>
    public ModelWorld(TempFolder folder, IReadOnlyList<CrashPlace> places, params int[] sizes)
    {
        (_folder, _places) = (folder, places);
        _contents = new Contents(_beliefs, sizes);
        Producer = new JobFolders(folder.MakeFolder("outputs"), _contents, _beliefs);
        folder.Write("nas-sync.yaml", Yaml());
        var loaded =
            ConfigLoader.Load(new() { FilePath = "nas-sync.yaml", Environment = new Dictionary<string, string>(), CurrentFolder = folder.Path });
        Assert.True(loaded.Config is not null, string.Join('\n', loaded.Problems));
        _config = loaded.Config with
        {
            Retry = new() { MaxAttempts = Tries, BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) },
        };
    }

    /// <summary>A world of two local folders. Contents exceed one block, and some have equal sizes, so that only their hashes differ.</summary>
    public static ModelWorld OfFolders(TempFolder folder) =>
        new(
            folder, [CrashPlace.Folder(folder.MakeFolder("plain")), CrashPlace.NamedFolder("vault", folder.MakeFolder("vault"))], 40, 40, 5_000,
            1_100_000);

    /// <summary>The job folders.</summary>
    public JobFolders Producer { get; }

    /// <summary>The clock for runs in this process.</summary>
    public ShiftedTime Time { get; } = new();

    /// <summary>The number of runs so far, and of killed ones among them.</summary>
    public (int All, int Killed) Runs { get; private set; }

    /// <summary>The proxies before the places, by place; null for a place without one.</summary>
    public IReadOnlyList<FaultProxy?> Lines { get; init; } = [];

    /// <summary>Ends the requests of a killed run that a server still works on.</summary>
    public Action AfterKill { get; init; } = () => { };

    /// <summary>Steps taken so far.</summary>
    public int Taken { get; private set; }

    /// <summary>The configuration file.</summary>
    public string ConfigFile => _folder["nas-sync.yaml"];

    /// <summary>Plays a story, then runs until nothing is left to do.</summary>
    public async Task PlayAsync(Story story)
    {
        foreach (var step in story.Steps)
        {
            await step.TakeAsync(this);
            Taken++;
        }

        await SettleAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var place in _places) await place.DisposeAsync();
    }

    public async Task PutForeignAsync(int place, string path, bool likeSource)
    {
        var like = _beliefs.Sources.Keys.FirstOrDefault(source => likeSource && source.Artifact == Path.GetFileName(path));
        var content = like == default ? _contents.Next($"a file of someone at {path}") : File.ReadAllBytes(Producer.FileOf(like));
        await PutAsync(_places[place], path, content);
    }

    public async Task ChangeCopyAsync(int which)
    {
        if (Find(which) is { } found) await PutAsync(found.Place, found.Path, _contents.Next($"what someone made of {found.Path}"));
    }

    public async Task DeleteCopyAsync(int which)
    {
        if (Find(which) is not { } found) return;
        await found.Place.RemoveAsync(found.Path);
        _beliefs.Deleted(PathAt(found.Place, found.Path));
    }

    public Task SyncAsync(bool force) => RunAsync(new() { Force = force }, null, isWhole: true);

    public Task RetryAsync()
    {
        IReadOnlyList<RecordedFailure> failures;
        using (var ledger = Ledger.OpenReadOnly(_config.WorkDir)) failures = ledger.Failures();
        return failures.Count == 0 ? Task.CompletedTask : RunAsync(new() { Failures = failures }, null, isWhole: false);
    }

    public Task FaultySyncAsync(int place, Action<FaultyDestination> fault) => RunAsync(
        new(),
        (target, inner) =>
        {
            if (target.Destination != _places[place].Name) return inner;
            var faulty = new FaultyDestination(inner);
            fault(faulty);
            return faulty;
        },
        isWhole: false);

    public async Task CrashAsync(string at)
    {
        var run = await Nassync.RunUnderAsync(["env", $"{CrashPoint.Variable}={at}"], "sync", "--json", "--config", ConfigFile);
        Assert.True(
            run.ExitCode is Killed or (int)ExitCode.Ok or (int)ExitCode.FailedForGood,
            $"the program ended with {run.ExitCode}: {run.Out}{run.Error}");
        await CheckAsync(run.ExitCode == Killed);
    }

    /// <summary>
    /// Starts the program and kills it after a delay, at any step. Requests that servers have received may still take effect later.
    /// </summary>
    public async Task KillAsync(int delayMs)
    {
        _beliefs.MayComeLate = true;
        using var process = Nassync.Start("sync", "--json", "--config", ConfigFile);
        var (said, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(delayMs));
        process.Kill();
        await process.WaitForExitAsync();
        foreach (var line in Lines) line?.CutAll();
        AfterKill();
        await Task.WhenAll(said, error);
        await CheckAsync(process.ExitCode == Killed);
    }

    /// <summary>Runs while a connection to a place breaks.</summary>
    public async Task BadLineAsync(int place, LineFault fault, Direction direction, long afterBytes)
    {
        _beliefs.MayComeLate = true;
        Lines[place]!.Next(fault, direction, afterBytes);
        await RunAsync(new(), null, isWhole: false);
        Lines[place]!.Forget();
    }

    /// <summary>Runs while a place cannot be reached.</summary>
    public async Task NoLineAsync(int place)
    {
        await Lines[place]!.RefuseAsync();
        await RunAsync(new(), null, isWhole: false);
        Lines[place]!.Accept();
    }

    /// <summary>Checks the state after a run that this world did not start itself, such as one that was killed at a random moment.</summary>
    public async Task CheckAsync(bool wasKilled, bool isWhole = false, bool isForced = false)
    {
        Runs = (Runs.All + 1, Runs.Killed + (wasKilled ? 1 : 0));
        var look = await LookAsync();
        _beliefs.RequireNothingLost(look);
        _beliefs.RequireTrueRows(look, isWhole);
        foreach (var (source, sha256) in _beliefs.Sources.ToList())
        {
            if (!File.Exists(Producer.FileOf(source))) _beliefs.RequireReleased(source, source.Artifact == JobFolders.Moved, look, Names);
            else Assert.True(TempFolder.Sha256Of(Producer.FileOf(source)) == sha256, $"the source {source} was changed");
        }

        if (isWhole) _beliefs.RequireArrived(look, Names, isForced);
    }

    public void LoseLedger(LedgerLoss how)
    {
        if (!Directory.Exists(_config.WorkDir)) return;
        var file = Path.Combine(_config.WorkDir, Ledger.FileName);
        switch (how)
        {
            case LedgerLoss.Deleted:
                foreach (var part in Directory.EnumerateFiles(_config.WorkDir, Ledger.FileName + "*")) File.Delete(part);
                break;
            case LedgerLoss.Damaged when File.Exists(file):
                File.WriteAllText(file, new string('x', 8192));
                break;
            case LedgerLoss.WorkFolderGone:
                Directory.Delete(_config.WorkDir, recursive: true);
                break;
        }
    }

    /// <summary>Runs until a run finds nothing to do. That run must not call any place, and no temporary file may remain.</summary>
    public async Task SettleAsync()
    {
        IReadOnlyList<TransferEvent> events = [];
        for (var run = 0; run < MostRunsToRest; run++)
        {
            var calls = 0;
            events = await RunAsync(new(), (_, inner) => new Watched(inner, () => Interlocked.Increment(ref calls)), isWhole: true);
            var isAtRest = events.All(one =>
                one is TransferEvent.Planned or TransferEvent.Skipped { Kind: SkipKind.Unchanged } or TransferEvent.Failed or TransferEvent.Finished);
            if (!isAtRest) continue;
            Assert.True(calls == 0, $"a run that found nothing to do called its places {calls} times");
            await RequireNoLeftoversAsync();
            return;
        }

        Assert.Fail($"still at work after {MostRunsToRest} runs: {string.Join(", ", events.Select(one => one.Name))}");
    }

    private IReadOnlyList<string> Names => [.. _places.Select(place => place.Name)];

    private async Task<IReadOnlyList<TransferEvent>> RunAsync(SyncRequest request, Func<Target, IDestination, IDestination>? wrap, bool isWhole)
    {
        var events = new List<TransferEvent>();
        await foreach (var one in new SyncEngine(_config, Time) { Wrap = wrap, Variables = new Dictionary<string, string>() }.RunAsync(request))
            events.Add(one);
        Assert.IsType<TransferEvent.Finished>(events[^1]);
        var failed = events.OfType<TransferEvent.Failed>().ToList();
        RequireBounded(events);
        RequireListed(failed);

        // A released source that the manifest still lists has no row after the loss of the ledger, so its absence is a failure then.
        if (isWhole)
            foreach (var one in failed)
                Assert.True(
                    one.Failure.Class == FailureClass.Gone
                        && one.Item is { } item && !_beliefs.Sources.ContainsKey(new(item.JobId, item.Artifact.Path)),
                    $"a run without faults failed: {one.Failure.Code} {one.Failure.Message}");
        await CheckAsync(wasKilled: false, isWhole, request.Force);
        return events;
    }

    private static void RequireBounded(List<TransferEvent> events)
    {
        foreach (var tries in events.OfType<TransferEvent.Retrying>().GroupBy(one => one.Item, ReferenceEqualityComparer.Instance))
            Assert.True(tries.Count() < Tries, $"{tries.Count()} times tried again");
    }

    // Every failure must be in the ledger's list, with a hint.
    private void RequireListed(List<TransferEvent.Failed> failed)
    {
        if (failed.Count == 0) return;
        using var ledger = Ledger.OpenReadOnly(_config.WorkDir);
        var listed = ledger.Failures();
        foreach (var one in failed)
        {
            Assert.True(one.Failure.Hint.Length > 0, $"{one.Failure.Code} has no hint");
            Assert.True(
                listed.Any(row => row.JobId == one.Item?.JobId && row.Artifact == one.Item?.Artifact.Path && row.Failure.Code == one.Failure.Code),
                $"{one.Subject} failed with {one.Failure.Code} and is not in the list of failures");
        }
    }

    private async Task<Look> LookAsync()
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var place in _places)
            foreach (var (path, sha256) in await place.FilesAsync()) files[PathAt(place, path)] = sha256;
        if (!Directory.Exists(_config.WorkDir)) return new(files, []);
        using var ledger = Ledger.OpenReadOnly(_config.WorkDir);
        return new(files, [.. ledger.Copies().Select(row => (row, PathOf(row.Target)))]);
    }

    private string PathOf(Target target)
    {
        var place = _places.Single(place => place.Name == target.Destination);
        return PathAt(place, place.PathOf(target));
    }

    private static string PathAt(CrashPlace place, string path) => $"{place.Name}:{path}";

    private (CrashPlace Place, string Path)? Find(int which)
    {
        if (_beliefs.Files is not { Count: > 0 } files) return null;
        var (name, path) = files[which % files.Count].Split(':', 2) switch { var parts => (parts[0], parts[1]) };
        return (_places.Single(place => place.Name == name), path);
    }

    private async Task PutAsync(CrashPlace place, string path, byte[] content)
    {
        await place.PutAsync(path, content, _contents.NextTime());
        _beliefs.Put(PathAt(place, path), Contents.Sha256(content));
    }

    // No leftover may remain for a name that a copy still uses. Other leftovers are swept after a week.
    private async Task RequireNoLeftoversAsync()
    {
        var look = await LookAsync();
        foreach (var place in _places)
            foreach (var leftover in await place.LeftoversAsync())
                foreach (var (row, path) in look.Rows.Where(row => row.Row.Target.Destination == place.Name && row.Row.SupersededBy is null))
                    Assert.False(
                        _beliefs.Sources.ContainsKey(new(row.JobId, row.Artifact)) && !_beliefs.IsTouched(path)
                            && leftover.Contains($"/{row.Target.RelativePath.Parent?.Name}/", StringComparison.Ordinal)
                            && leftover.Contains(row.Target.RelativePath.FileName, StringComparison.Ordinal),
                        $"{leftover} was left beside {path}");
    }

    private string Yaml() => $$"""
        nasSync:
          outputsDir: outputs
          workDir: work
          destinations: { {{string.Join(", ", _places.Select(place => place.Destination).Where(line => line.Length > 0))}} }
          routes:
            - { match: { kind: audio }, to: [{{string.Join(", ", _places.Select((place, at) => $"\"{place.To(at == 0 ? "sound" : "sound/${jobId}")}\""))}}] }
            - { match: { kind: video }, to: [{{string.Join(", ", _places.Select(place => $"\"{place.To("films")}\""))}}], release: delete }

        """;
}
