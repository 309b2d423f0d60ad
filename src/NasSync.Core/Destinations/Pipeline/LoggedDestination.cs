using System.Globalization;
using Microsoft.Extensions.Logging;

namespace NasSync.Destinations.Pipeline;

/// <summary>
/// Logs each call to a place with its answer and its duration; of the blocks of a copy only those that fail. It is put around a place only while
/// someone reads that.
/// </summary>
internal sealed class LoggedDestination(IDestination inner, string name, ILogger log, TimeProvider time) : DestinationDecorator(inner)
{
    /// <inheritdoc/>
    protected override async ValueTask<T> AtPath<T>(DestinationCall operation, RelativePath? path, Func<ValueTask<T>> call)
    {
        var (began, where) = (time.GetTimestamp(), path?.Value ?? "(the root)");
        try
        {
            var answer = await call().ConfigureAwait(false);
            if (operation != DestinationCall.Write) DestinationLog.Called(log, name, operation.Name(), where, Shown(answer), Since(began));
            return answer;
        }
        catch (FailureException e)
        {
            DestinationLog.Failed(log, name, operation.Name(), where, e.Failure.Message, e.Failure.Code, Since(began));
            throw;
        }
    }

    private long Since(long began) => (long)time.GetElapsedTime(began).TotalMilliseconds;

    private static string Shown(object? answer) => answer switch
    {
        null => "no file",
        FileState file => $"{Count(file.Size, "byte")}, changed {Changed(file.MtimeNs)}",
        ValueTuple<string, VerifiedBy> hash => $"{hash.Item1} ({hash.Item2})",
        List<DestinationEntry> entries => Count(entries.Count, "file"),
        IWriteSession { ResumeAt: 0 } => "from the beginning",
        IWriteSession session => FormattableString.Invariant($"resumed at byte {session.ResumeAt}"),
        CommitReceipt receipt => $"{Count(receipt.Size, "byte")}, {receipt.VerifiedBy}, {receipt.Durability}",
        _ => "done",
    };

    private static string Changed(long ns) =>
        DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static string Count(long number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}
