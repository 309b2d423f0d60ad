using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace NasSync.Destinations.Pipeline;

/// <summary>
/// Logs each call to a place with its answer and its duration, and the blocks of a copy as one line. It is put around a place only while someone
/// reads that.
/// </summary>
internal sealed class LoggedDestination(IDestination inner, string name, ILogger log, TimeProvider time) : IDestination
{
    private const string Root = "(the root)";

    /// <inheritdoc/>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) =>
        LogAsync(DestinationCall.Probe, Root, () => inner.ProbeAsync(cancellationToken), _ => "done");

    /// <inheritdoc/>
    public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) =>
        LogAsync(DestinationCall.Stat, path.Value, () => inner.StatAsync(path, cancellationToken), Shown);

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var entries = await LogAsync(
            DestinationCall.List,
            folder?.Value ?? Root,
            () => ReadAsync(folder, cancellationToken),
            found => Count(found.Count, "file")).ConfigureAwait(false);
        foreach (var entry in entries) yield return entry;
    }

    /// <inheritdoc/>
    public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
        LogAsync(
            DestinationCall.Hash,
            path.Value,
            () => inner.HashAsync(path, cancellationToken),
            found => found is { } hash ? $"{hash.Sha256} ({hash.By})" : "no file");

    /// <inheritdoc/>
    public async ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var session = await LogAsync(
            DestinationCall.Begin,
            request.Path.Value,
            () => inner.BeginWriteAsync(request, cancellationToken),
            begun => $"{Count(request.Size, "byte")}, {(begun.ResumeAt > 0 ? $"resumed at {begun.ResumeAt}" : "from the beginning")}")
            .ConfigureAwait(false);
        return session is ISourceSession taker ? new LoggedSourceSession(taker, request, this) : new LoggedSession(session, request, this);
    }

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
        LogAsync(DestinationCall.Adopt, path.Value, () => inner.AdoptAsync(path, sha256, verify, cancellationToken), Shown);

    /// <inheritdoc/>
    public async ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) =>
        await LogAsync(DestinationCall.Tidy, path.Value, async () =>
        {
            await inner.RemoveLeftoversAsync(path, fingerprint, cancellationToken).ConfigureAwait(false);
            return true;
        }, _ => "done").ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        await LogAsync(DestinationCall.Delete, path.Value, async () =>
        {
            await inner.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
            return true;
        }, _ => "done").ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<T> LogAsync<T>(DestinationCall call, string path, Func<ValueTask<T>> ask, Func<T, string> shown)
    {
        var began = time.GetTimestamp();
        try
        {
            var answer = await ask().ConfigureAwait(false);
            DestinationLog.Called(log, name, call.Name(), path, shown(answer), Since(began));
            return answer;
        }
        catch (FailureException e)
        {
            DestinationLog.Failed(log, name, call.Name(), path, e.Failure.Message, e.Failure.Code, Since(began));
            throw;
        }
    }

    private async ValueTask<List<DestinationEntry>> ReadAsync(RelativePath? folder, CancellationToken cancellationToken)
    {
        var entries = new List<DestinationEntry>();
        await foreach (var entry in inner.ListAsync(folder, cancellationToken).ConfigureAwait(false)) entries.Add(entry);
        return entries;
    }

    private long Since(long began) => (long)time.GetElapsedTime(began).TotalMilliseconds;

    private static string Shown(FileState? state) =>
        state is { } file ? $"{Count(file.Size, "byte")}, changed {Changed(file.MtimeNs)}" : "no file";

    private static string Shown(CommitReceipt receipt) => $"{Count(receipt.Size, "byte")}, {receipt.VerifiedBy}, {receipt.Durability}";

    private static string Changed(long ns) =>
        DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static string Count(long number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");

    private class LoggedSession(IWriteSession session, WriteRequest request, LoggedDestination owner) : IWriteSession
    {
        private long _bytes;
        private long _blocks;

        public long ResumeAt => session.ResumeAt;

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
        {
            try
            {
                await session.WriteAsync(offset, block, cancellationToken).ConfigureAwait(false);
                _bytes += block.Length;
                _blocks++;
            }
            catch (FailureException e)
            {
                var at = FormattableString.Invariant($"{request.Path.Value} at byte {offset}");
                DestinationLog.Failed(owner.Log, owner.Name, DestinationCall.Write.Name(), at, e.Failure.Message, e.Failure.Code, 0);
                throw;
            }
        }

        public ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken) =>
            owner.LogAsync(
                DestinationCall.Commit,
                request.Path.Value,
                () => session.CommitAsync(sha256, cancellationToken),
                receipt => $"{Shown(receipt)}; {Count(_bytes, "byte")} written in {Count(_blocks, "block")}");

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }

    private sealed class LoggedSourceSession(ISourceSession session, WriteRequest request, LoggedDestination owner)
        : LoggedSession(session, request, owner), ISourceSession
    {
        private readonly ISourceSession _taker = session;

        public bool TryTake(Microsoft.Win32.SafeHandles.SafeFileHandle source) => _taker.TryTake(source);
    }

    private ILogger Log => log;

    private string Name => name;
}
