using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>A name that changes in case alone, on a place that tells such names apart.</summary>
public sealed class RespelledNameTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public void Dispose() => _world.Dispose();

    [RequiresFact("linux")]
    public async Task The_copy_has_the_new_name_alone_and_the_next_run_finds_nothing_to_do()
    {
        await RenameAsync();
        var events = await _world.RunAsync();

        Assert.Equal("the name changes from song.mp4", Assert.Single(events.OfType<TransferEvent.Committed>()).Item.Reason);
        Assert.Equal(["job_1/Song.mp4"], _world.NasFiles());
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
        Assert.Equal("Song.mp4", Assert.Single(_world.Recorded(), row => row.SupersededBy is null).Artifact);
    }

    [RequiresFact("linux")]
    public async Task A_copy_that_someone_changes_meanwhile_stays()
    {
        await RenameAsync();
        var former = Path.Combine(_world.Nas, "job_1/song.mp4");
        _world.Wrap = (_, place) => new BeforeCommit(place, () => File.WriteAllText(former, "what someone made of it"));
        await _world.SyncAsync();

        Assert.Equal(["job_1/Song.mp4", "job_1/song.mp4"], _world.NasFiles());
        Assert.Equal("what someone made of it", File.ReadAllText(former));
    }

    private async Task RenameAsync()
    {
        var job = _world.Job().Add("song.mp4", "video");
        job.Write();
        await _world.SyncAsync();
        File.Move(Path.Combine(job.Folder, "song.mp4"), Path.Combine(job.Folder, "Song.mp4"));
        File.WriteAllText(job.ManifestPath, File.ReadAllText(job.ManifestPath).Replace("song.mp4", "Song.mp4", StringComparison.Ordinal));
    }

    private sealed class BeforeCommit(NasSync.Destinations.IDestination inner, Action act) : NasSync.Destinations.Pipeline.DestinationDecorator(inner)
    {
        protected override ValueTask<T> AroundCopy<T>(
            DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            if (operation == DestinationCall.Commit) act();
            return call();
        }
    }
}
