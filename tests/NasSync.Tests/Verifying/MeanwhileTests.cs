using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.Verifying;

/// <summary>What happens while copies are verified: runs that replace them, and places that fail.</summary>
public sealed class MeanwhileTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_copy_that_a_run_replaces_meanwhile_is_compared_with_the_new_record()
    {
        await SyncAsync();
        var source = Path.Combine(_world.Outputs, "job_1/a.m4a");
        var once = new Once(async () =>
        {
            File.WriteAllText(source, "another version, longer");
            Assert.Equal(1, (await _world.SyncAsync()).Committed);
        });
        var finding = await _world.VerifyOneAsync(wrap: (_, place) => new Interrupted(place, once.RunAsync));
        Assert.Equal((CopyState.Intact, TempFolder.Sha256Of(source)), (finding.State, finding.Sha256));
    }

    [Fact]
    public async Task A_copy_whose_place_another_job_takes_meanwhile_is_neither_damaged_nor_missing()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"], OnConflict = ConflictPolicy.Overwrite };
        await SyncAsync();
        var once = new Once(async () =>
        {
            _world.Job("job_2").Add("a.m4a", "audio").Write();
            Assert.Equal(1, (await _world.SyncAsync()).Committed);
        });
        Assert.Equal(CopyState.Superseded, (await _world.VerifyOneAsync(wrap: (_, place) => new Interrupted(place, once.RunAsync))).State);
    }

    [Fact]
    public async Task A_device_error_is_the_copys_and_a_lost_connection_the_places()
    {
        _world.Config = _world.Config with { Retry = new RetryConfig { MaxAttempts = 2, BaseDelay = TimeSpan.Zero } };
        await SyncAsync();
        var io = new Failure(FailureClass.Transient, "IoError", "The device reported an error.", "Check the disk.");
        Assert.Equal(
            CopyState.Unreadable,
            (await _world.VerifyOneAsync(wrap: (_, place) => new FaultyDestination(place).Fail(DestinationCall.Hash, io, times: 9))).State);
        Assert.Equal(CopyState.Unreachable, (await _world.VerifyOneAsync(
            wrap: (_, place) => new FaultyDestination(place).Fail(DestinationCall.Hash, FailureClass.Transient, times: 9))).State);
        Assert.Equal(CopyState.Unreachable, (await _world.VerifyOneAsync(
            wrap: (_, place) => new FaultyDestination(place).Fail(DestinationCall.Stat, FailureClass.Unavailable, times: 9))).State);
        Assert.Equal(CopyState.Unreadable, (await _world.VerifyOneAsync(
            wrap: (_, place) => new FaultyDestination(place).Fail(DestinationCall.Hash, FailureClass.Permission, times: 9))).State);

        // What passes is tried again.
        Assert.Equal(
            CopyState.Intact,
            (await _world.VerifyOneAsync(wrap: (_, place) => new FaultyDestination(place).Fail(DestinationCall.Hash, FailureClass.Transient))).State);
    }

    [Fact]
    public async Task One_place_that_is_gone_keeps_no_copy_elsewhere_from_being_verified()
    {
        _world.Config = _world.Config with { Destinations = FindingTests.Named(Path.Combine(_world.Root, "shelf")) };
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "shelf:${jobId}"] };
        for (var i = 0; i < 20; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        await _world.SyncAsync();
        Directory.Delete(Path.Combine(_world.Root, "shelf"), recursive: true);
        var (_, result) = await _world.VerifyAsync();
        Assert.Equal((20, 20, ExitCode.DestinationUnavailable), (result.Of(CopyState.Intact), result.Of(CopyState.Unreachable), result.ExitCode));
    }

    [Fact]
    public async Task Who_stops_reading_stops_it()
    {
        for (var i = 0; i < 50; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        await _world.SyncAsync();
        await foreach (var one in new NasSync.Verifying.VerifyEngine(_world.Config).RunAsync(new()))
            if (one is VerifyEvent.Found) break;
    }

    private async Task SyncAsync()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
    }

    private sealed class Once(Func<Task> action)
    {
        private int _ran;

        public Task RunAsync() => Interlocked.Exchange(ref _ran, 1) == 0 ? action() : Task.CompletedTask;
    }

    /// <summary>Another place before whose hash something happens.</summary>
    private sealed class Interrupted(IDestination inner, Func<Task> before) : IDestination
    {
        public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) => inner.StatAsync(path, cancellationToken);

        public async ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken)
        {
            await before();
            return await inner.HashAsync(path, cancellationToken);
        }

        public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) => inner.ProbeAsync(cancellationToken);

        public IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, CancellationToken cancellationToken) =>
            inner.ListAsync(folder, cancellationToken);

        public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken) =>
            inner.BeginWriteAsync(request, cancellationToken);

        public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
            inner.AdoptAsync(path, sha256, verify, cancellationToken);

        public ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) => inner.DeleteAsync(path, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
