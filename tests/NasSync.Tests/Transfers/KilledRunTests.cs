using NasSync.Destinations.Pipeline;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>What the next run makes of a copy that a killed run put over a recorded one, when no plan is about it any more.</summary>
public sealed class KilledRunTests : IDisposable
{
    private static readonly byte[] Old = "the old content"u8.ToArray(), New = "the new content, longer"u8.ToArray();
    private readonly SyncWorld _world = new();
    private readonly SampleJob _job;

    public KilledRunTests()
    {
        _job = _world.Job().Add("a.m4a", "audio", content: Old);
        _job.Write();
    }

    private string Copy => Path.Combine(_world.Nas, "job_1/a.m4a");

    private string Journal => Path.Combine(_world.Config.WorkDir, UnrecordedCopies.FileName);

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task What_it_named_is_recorded_although_the_job_is_gone()
    {
        await SyncAndKillAsync(New);
        Directory.Delete(_job.Folder, recursive: true);
        var told = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal("KilledRunRecorded", told.Code);
        Assert.Contains($"a.m4a of job_1 to '{Copy}'", told.Message, StringComparison.Ordinal);
        var row = Assert.Single(_world.Recorded());
        Assert.Equal((TempFolder.Sha256Of(Copy), New.Length), (row.Receipt.Sha256, (int)row.Receipt.Size));
        Assert.Equal(Durability.Fsynced, row.Receipt.Durability);
        Assert.False(File.Exists(Journal));
    }

    [Fact]
    public async Task A_source_that_is_as_it_was_before_is_sent_again()
    {
        await SyncAndKillAsync(New);
        var result = await _world.SyncAsync();
        Assert.Equal((1, 0), (result.Committed, result.Unchanged));
        Assert.Equal(Old, File.ReadAllBytes(Copy));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task What_replaced_another_jobs_copy_supersedes_it_although_its_own_job_is_gone()
    {
        await SyncAndKillAsync(New, killedJob: "job_2");
        Directory.Delete(_job.Folder, recursive: true);
        await _world.SyncAsync();
        Assert.Equal("job_2", Assert.Single(_world.Recorded()).SupersededBy);
        Assert.Equal(TempFolder.Sha256Of(Copy), Assert.Single(_world.Recorded("job_2")).Receipt.Sha256);
    }

    [Fact]
    public async Task A_copy_that_it_did_not_name_leaves_the_row_as_it_is_and_is_asked_for_once()
    {
        await SyncAndKillAsync(New, isNamed: false);
        var before = _world.Recorded();
        Directory.Delete(_job.Folder, recursive: true);
        await _world.SyncAsync();
        Assert.Equal(before, _world.Recorded());
        Assert.False(File.Exists(Journal));
    }

    [Fact]
    public async Task What_it_had_come_to_record_is_not_asked_for()
    {
        await _world.SyncAsync();
        var row = Assert.Single(_world.Recorded());
        using (var killed = UnrecordedCopies.Open(_world.Config.WorkDir))
            killed.Add(new UnrecordedCopy
            {
                JobId = row.JobId,
                Artifact = row.Artifact,
                Requested = row.Requested,
                Target = row.Target,
                Source = row.Source,
                Sha256 = row.Receipt.Sha256,
                Generation = row.Generation,
            });
        var faulty = new List<FaultyDestination>();
        _world.Wrap = (_, place) =>
        {
            faulty.Add(new FaultyDestination(place));
            return faulty[^1];
        };
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
        Assert.All(faulty, place => Assert.Equal((0, 0), (place.Count(DestinationCall.Stat), place.Count(DestinationCall.Hash))));
        Assert.False(File.Exists(Journal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_somebody_made_of_it_afterwards_is_not_taken_for_its_copy(bool isRemoved)
    {
        await SyncAndKillAsync(New);
        var before = _world.Recorded();
        if (isRemoved) File.Delete(Copy);
        else File.WriteAllText(Copy, "changed by somebody else");
        Directory.Delete(_job.Folder, recursive: true);
        await _world.SyncAsync();
        Assert.Equal(before, _world.Recorded());
        Assert.False(File.Exists(Journal));
    }

    [Fact]
    public async Task A_place_that_is_not_there_is_asked_when_it_is_back()
    {
        await SyncAndKillAsync(New);
        Directory.Delete(_job.Folder, recursive: true);
        var away = _world.Nas + "-away";
        Directory.Move(_world.Nas, away);
        Directory.CreateDirectory(_world.Nas);
        await _world.SyncAsync();
        Assert.True(File.Exists(Journal));

        Directory.Delete(_world.Nas);
        Directory.Move(away, _world.Nas);
        Assert.True(File.Exists(Path.Combine(_world.Nas, PlaceMarker.Name)));
        await _world.SyncAsync();
        Assert.Equal(TempFolder.Sha256Of(Copy), Assert.Single(_world.Recorded()).Receipt.Sha256);
    }

    [Fact]
    public async Task A_plan_alone_changes_neither_the_ledger_nor_what_is_remembered()
    {
        await SyncAndKillAsync(New);
        var (before, journal) = (_world.Recorded(), File.ReadAllText(Journal));
        await _world.SyncAsync(new() { DryRun = true });
        Assert.Equal(before, _world.Recorded());
        Assert.Equal(journal, File.ReadAllText(Journal));
    }

    /// <summary>Syncs the old content, and leaves what a run leaves that is killed right after, or before, the name of the next.</summary>
    private async Task SyncAndKillAsync(byte[] content, string killedJob = "job_1", bool isNamed = true)
    {
        await _world.SyncAsync();
        var target = Assert.Single(_world.Recorded()).Target;
        var part = Path.Combine(_world.Root, "part");
        File.WriteAllBytes(part, content);
        using (var killed = UnrecordedCopies.Open(_world.Config.WorkDir))
            killed.Add(new UnrecordedCopy
            {
                JobId = killedJob,
                Artifact = "a.m4a",
                Requested = target,
                Target = target,
                Source = new FileState(content.Length, 1_700_000_000_000_000_000, 0, 0),
                Sha256 = TempFolder.Sha256Of(part),
                Generation = new string('0', 64),
            });
        if (isNamed) File.Move(part, Copy, overwrite: true);
    }
}
