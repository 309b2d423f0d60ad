using System.Runtime.CompilerServices;
using NasSync.Destinations;
using NasSync.Destinations.Contract;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

/// <summary>Destinations that break one promise each: the contract must find every one of them, or it proves nothing.</summary>
public sealed class FlawTests
{
    public enum Flaw
    {
        None,
        OverwritesAnything,
        ListsBelow,
        ListsOnlySome,
        ListsTrimmedNames,
        TellsOtherTimes,
        MissingIsAnError,
        CommitsOnDispose,
        IgnoresCancelling,
        KeepsTheBlock,
        BelievesInEveryHash,
        OneFingerprintForAll,
        AlwaysSizeLevel,
        AdoptsAnything,
        RemovesBeforeItReplaces,
    }

    [Theory]
    [InlineData(Flaw.OverwritesAnything, "A new file does not replace one that is there")]
    [InlineData(Flaw.OverwritesAnything, "A new file does not replace one that was made while it was on its way")]
    [InlineData(Flaw.OverwritesAnything, "Of eight writers that race for one name exactly one wins")]
    [InlineData(Flaw.OverwritesAnything, "A file of the same size that was changed since it was seen is kept")]
    [InlineData(Flaw.ListsBelow, "A listing shows the files of its folder and not those below")]
    [InlineData(Flaw.ListsOnlySome, "A listing shows every file with its size")]
    [InlineData(Flaw.ListsTrimmedNames, "A name with a blank at the start and at the end is kept")]
    [InlineData(Flaw.TellsOtherTimes, "The time of last change is kept")]
    [InlineData(Flaw.TellsOtherTimes, "A receipt tells the size, the hash and the state that stat finds")]
    [InlineData(Flaw.MissingIsAnError, "A missing file is null, by stat and by hash")]
    [InlineData(Flaw.CommitsOnDispose, "A write that is given up leaves nothing visible and the name free")]
    [InlineData(Flaw.CommitsOnDispose, "A commit that is cancelled beforehand leaves nothing visible")]
    [InlineData(Flaw.IgnoresCancelling, "A commit that is cancelled beforehand leaves nothing visible")]
    [InlineData(Flaw.KeepsTheBlock, "A file of several blocks arrives whole")]
    [InlineData(Flaw.BelievesInEveryHash, "A copy that is not what the source's hash says is not committed at level checksum")]
    [InlineData(Flaw.BelievesInEveryHash, "A copy that is not what the source's hash says is not committed at level readback")]
    [InlineData(Flaw.OneFingerprintForAll, "Another content of the same size does not go on from a copy that was broken off")]
    [InlineData(Flaw.OneFingerprintForAll, "A shorter content does not keep the tail of a longer copy that was broken off")]
    [InlineData(Flaw.AlwaysSizeLevel, "Level readback gives a receipt that the content was read back")]
    [InlineData(Flaw.AdoptsAnything, "A missing file cannot be adopted")]
    [InlineData(Flaw.RemovesBeforeItReplaces, "While a file is replaced again and again, a reader always sees a whole one")]
    public async Task A_place_with_a_flaw_is_found_out(Flaw flaw, string promise)
    {
        await using var place = new Flawed(new MemoryDestination(TimeProvider.System), flaw);
        var result = Assert.Single(await ContractRunnerTests.RunAsync(place, DestinationContract.Cases.Where(one => one.Name == promise)));
        Assert.Equal(ContractOutcome.Failed, result.Outcome);
    }

    [Fact]
    public async Task A_place_that_says_that_it_replaces_in_two_steps_may_show_nothing_between_them()
    {
        var memory = new MemoryDestination(TimeProvider.System);
        var inTwoSteps = new MemoryDestination(TimeProvider.System) { Can = memory.Can with { AtomicReplace = false } };
        await using var place = new Flawed(inTwoSteps, Flaw.RemovesBeforeItReplaces);
        const string promise = "While a file is replaced again and again, a reader always sees a whole one";
        var replaced = DestinationContract.Cases.Where(one => one.Name == promise);
        var result = Assert.Single(await ContractRunnerTests.RunAsync(place, replaced));
        Assert.True(result.Outcome == ContractOutcome.Passed, result.Detail);
        Assert.True(place.WasMissed);
    }

    [Fact]
    public async Task A_bit_that_flips_on_the_way_is_found_out()
    {
        var place = new FaultyDestination(new MemoryDestination(TimeProvider.System)) { FlipBitAt = 700 };
        var results = await ContractRunnerTests.RunAsync(place, DestinationContract.Cases.Where(one => one.Name == "A small file arrives whole"));
        Assert.Equal(ContractOutcome.Failed, Assert.Single(results).Outcome);
    }

    [Fact]
    public async Task Bytes_that_are_cut_off_on_the_way_are_found_out()
    {
        var place = new FaultyDestination(new MemoryDestination(TimeProvider.System)) { CutAt = 700 };
        var results = await ContractRunnerTests.RunAsync(place, DestinationContract.Cases.Where(one => one.Name == "A small file arrives whole"));
        Assert.Equal(ContractOutcome.Failed, Assert.Single(results).Outcome);
    }

    [Fact]
    public async Task Without_a_flaw_the_wrapped_place_keeps_every_promise()
    {
        await using var place = new Flawed(new MemoryDestination(TimeProvider.System), Flaw.None);
        var results = await ContractRunnerTests.RunAsync(place, DestinationContract.Cases);
        Assert.All(results, result => Assert.True(result.Outcome == ContractOutcome.Passed, $"{result.Name}: {result.Detail}"));
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    /// <summary>A good place with one bad habit.</summary>
    private sealed class Flawed(MemoryDestination inner, Flaw flaw) : IDestination
    {
        private readonly SemaphoreSlim _turn = new(1);
        private readonly TaskCompletionSource _missed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _removed;

        /// <summary>Whether somebody looked for the file while <see cref="RemoveAndBeMissedAsync"/> had removed it.</summary>
        public bool WasMissed => _missed.Task.IsCompleted;

        public bool Has(Flaw one) => flaw == one;

        /// <summary>Makes remove and commit one step, so that every writer of a race overwrites, whatever the order of the threads.</summary>
        public async Task<IDisposable> AloneAsync()
        {
            await _turn.WaitAsync();
            return new Turn(_turn);
        }

        /// <summary>Removes a file and waits until somebody has missed it once.</summary>
        public async Task RemoveAndBeMissedAsync(RelativePath path, CancellationToken cancellationToken)
        {
            await inner.DeleteAsync(path, cancellationToken);
            _removed = true;
            await _missed.Task.WaitAsync(cancellationToken);
        }

        public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) => inner.ProbeAsync(cancellationToken);

        public async ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken)
        {
            var state = await inner.StatAsync(path, cancellationToken);
            if (state is null && _removed) _missed.TrySetResult();
            if (state is null && Has(Flaw.MissingIsAnError))
                throw new FailureException(new(FailureClass.Gone, "NotFound", "It is not there.", "Look."));
            return Has(Flaw.TellsOtherTimes) && state is { } there ? there with { MtimeNs = there.MtimeNs + 1_000_000_000 } : state;
        }

        public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var left = Has(Flaw.ListsOnlySome) ? 50 : int.MaxValue;
            await foreach (var entry in inner.ListAsync(folder, cancellationToken))
                if (left-- > 0)
                    yield return Has(Flaw.ListsTrimmedNames) ? entry with { Path = entry.Path.WithFileName(entry.Path.FileName.Trim()) } : entry;
            if (!Has(Flaw.ListsBelow) || folder is null) yield break;
            await foreach (var entry in inner.ListAsync(folder.Combine(RelativePath.Parse("below")), cancellationToken)) yield return entry;
        }

        public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
            inner.HashAsync(path, cancellationToken);

        public async ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
        {
            if (Has(Flaw.OneFingerprintForAll)) request = request with { Fingerprint = "all" };
            if (Has(Flaw.AlwaysSizeLevel)) request = request with { Verify = VerifyLevel.Size };
            return new Session(this, inner, request, await inner.BeginWriteAsync(request, cancellationToken));
        }

        public async ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken)
        {
            if (!Has(Flaw.AdoptsAnything)) return await inner.AdoptAsync(path, sha256, verify, cancellationToken);
            return new()
            {
                Size = 1,
                Sha256 = sha256,
                VerifiedBy = VerifiedBy.ServerHash,
                Durability = Durability.Cached,
                CommittedAt = SampleEvents.Noon,
            };
        }

        public ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) => inner.DeleteAsync(path, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Session(Flawed owner, MemoryDestination inner, WriteRequest request, IWriteSession session) : IWriteSession
    {
        private readonly List<(long Offset, ReadOnlyMemory<byte> Block)> _kept = [];
        private readonly MemoryStream _sent = new();
        private bool _committed;

        public long ResumeAt => session.ResumeAt;

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
        {
            _sent.Write(block.Span);
            if (owner.Has(Flaw.KeepsTheBlock)) _kept.Add((offset, block));
            else await session.WriteAsync(offset, block, cancellationToken);
        }

        public async ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken)
        {
            foreach (var (offset, block) in _kept) await session.WriteAsync(offset, block, cancellationToken);
            using var alone = owner.Has(Flaw.OverwritesAnything) ? await owner.AloneAsync() : null;
            if (alone is not null) await inner.DeleteAsync(request.Path, cancellationToken);
            if (owner.Has(Flaw.RemovesBeforeItReplaces) && request.Replaces is not null)
                await owner.RemoveAndBeMissedAsync(request.Path, cancellationToken);
            if (owner.Has(Flaw.BelievesInEveryHash) || owner.Has(Flaw.KeepsTheBlock))
                sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256
                    .HashData(_kept.Count > 0 ? [.. _kept.SelectMany(kept => kept.Block.ToArray())] : _sent.ToArray()));
            var receipt = await session.CommitAsync(sha256, owner.Has(Flaw.IgnoresCancelling) ? CancellationToken.None : cancellationToken);
            _committed = true;
            return receipt;
        }

        public async ValueTask DisposeAsync()
        {
            if (owner.Has(Flaw.CommitsOnDispose) && !_committed)
            {
                _committed = true;
                await session.CommitAsync(
                    Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_sent.ToArray())),
                    CancellationToken.None);
            }

            await session.DisposeAsync();
        }
    }
}
