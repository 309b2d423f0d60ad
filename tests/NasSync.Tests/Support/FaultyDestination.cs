using System.Runtime.CompilerServices;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;

namespace NasSync.Tests.Support;

/// <summary>
/// Wraps a destination and adds faults. A call fails before it reaches the inner destination, or afterwards (a lost answer). Written blocks are cut
/// off, or one bit is flipped. Faults strike in the order they were set, each once or as often as told.
/// </summary>
internal sealed class FaultyDestination(IDestination inner) : IDestination
{
    private readonly object _gate = new();
    private readonly List<Fault> _faults = [];
    private readonly Dictionary<DestinationCall, int> _calls = [];

    /// <summary>Silently drops all written bytes from this offset on; null drops nothing.</summary>
    public long? CutAt { get; set; }

    /// <summary>Flips the lowest bit of the byte at this offset; null flips nothing.</summary>
    public long? FlipBitAt { get; set; }

    /// <summary>Makes the next calls of a kind fail.</summary>
    /// <param name="call">The kind of call.</param>
    /// <param name="failure">The failure to report.</param>
    /// <param name="times">How many calls fail.</param>
    /// <param name="after">The inner destination carries the call out first; only its answer is lost.</param>
    /// <param name="path">Fails only calls for this path; null fails those for any path.</param>
    public FaultyDestination Fail(DestinationCall call, Failure failure, int times = 1, bool after = false, RelativePath? path = null)
    {
        lock (_gate) _faults.Add(new Fault(call, new FailureException(failure), after, path, times));
        return this;
    }

    /// <inheritdoc cref="Fail(DestinationCall, Failure, int, bool, RelativePath?)"/>
    public FaultyDestination Fail(DestinationCall call, FailureClass failureClass, int times = 1, bool after = false, RelativePath? path = null) =>
        Fail(call, new Failure(failureClass, "Injected", $"{call} failed on purpose.", "Look at the test."), times, after, path);

    /// <summary>The number of calls of a kind, failed ones included.</summary>
    public int Count(DestinationCall call)
    {
        lock (_gate) return _calls.GetValueOrDefault(call);
    }

    /// <inheritdoc/>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) =>
        Through(DestinationCall.Probe, null, () => inner.ProbeAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) =>
        Through(DestinationCall.Stat, path, () => inner.StatAsync(path, cancellationToken));

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fault = Next(DestinationCall.List, folder);
        if (fault is { After: false }) throw fault.Error;
        await foreach (var entry in inner.ListAsync(folder, cancellationToken)) yield return entry;
        if (fault is not null) throw fault.Error;
    }

    /// <inheritdoc/>
    public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
        Through(DestinationCall.Hash, path, () => inner.HashAsync(path, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken) =>
        Through<IWriteSession>(
            DestinationCall.Begin,
            request.Path,
            async () => new Session(this, request.Path, await inner.BeginWriteAsync(request, cancellationToken)));

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
        Through(DestinationCall.Adopt, path, () => inner.AdoptAsync(path, sha256, verify, cancellationToken));

    /// <inheritdoc/>
    public ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) =>
        inner.RemoveLeftoversAsync(path, fingerprint, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(
        RelativePath path, CancellationToken cancellationToken) => await Through(DestinationCall.Delete, path, async () =>
    {
        await inner.DeleteAsync(path, cancellationToken);
        return true;
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<T> Through<T>(DestinationCall call, RelativePath? path, Func<ValueTask<T>> go)
    {
        var fault = Next(call, path);
        if (fault is { After: false }) throw fault.Error;
        var answer = await go();
        if (fault is null) return answer;
        if (answer is IAsyncDisposable lost) await lost.DisposeAsync();
        throw fault.Error;
    }

    private Fault? Next(DestinationCall call, RelativePath? path)
    {
        lock (_gate)
        {
            _calls[call] = _calls.GetValueOrDefault(call) + 1;
            var fault = _faults.Find(fault => fault.Call == call && fault.Left > 0 && (fault.Path is null || fault.Path == path));
            if (fault is not null) fault.Left--;
            return fault;
        }
    }

    // Returns the part of a block to pass on.
    private ReadOnlyMemory<byte> Spoil(long offset, ReadOnlyMemory<byte> block)
    {
        if (CutAt is { } end && offset + block.Length > end) block = block[..(int)Math.Max(0, end - offset)];
        if (FlipBitAt is not { } at || at < offset || at >= offset + block.Length) return block;
        var flipped = block.ToArray();
        flipped[at - offset] ^= 1;
        return flipped;
    }

    private sealed class Fault(DestinationCall call, FailureException error, bool after, RelativePath? path, int times)
    {
        public DestinationCall Call => call;

        public FailureException Error => error;

        public bool After => after;

        public RelativePath? Path => path;

        public int Left { get; set; } = times;
    }

    private sealed class Session(FaultyDestination owner, RelativePath path, IWriteSession inner) : IWriteSession
    {
        public long ResumeAt => inner.ResumeAt;

        public async ValueTask WriteAsync(
            long offset,
            ReadOnlyMemory<byte> block,
            CancellationToken cancellationToken) => await owner.Through(DestinationCall.Write, path, async () =>
        {
            if (owner.Spoil(offset, block) is { Length: > 0 } left) await inner.WriteAsync(offset, left, cancellationToken);
            return true;
        });

        public ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken) =>
            owner.Through(DestinationCall.Commit, path, () => inner.CommitAsync(sha256, cancellationToken));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
