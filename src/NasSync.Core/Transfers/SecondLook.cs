using NasSync.Failures;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>A copy that this run made or adopted.</summary>
/// <param name="Target">Its target.</param>
/// <param name="Receipt">Its receipt.</param>
/// <param name="At">When its place answered for it, as a timestamp of the run's clock.</param>
internal readonly record struct ProvenCopy(Target Target, CommitReceipt Receipt, long At);

/// <summary>
/// Looks again at copies of this run before their source is removed. A copy that was just made is trusted for a short time. Making the others may
/// take hours, in which the first one can disappear. Only presence, size and time are compared, which costs one question for each copy; the content
/// was proven when the copy was made.
/// </summary>
/// <param name="stat">Asks a place for the state of a file; null when there is none.</param>
/// <param name="time">The clock.</param>
internal sealed class SecondLook(Func<Target, CancellationToken, Task<FileState?>> stat, TimeProvider time)
{
    /// <summary>How long a copy is trusted after its place answered for it.</summary>
    public static readonly TimeSpan TrustedFor = TimeSpan.FromMinutes(1);

    /// <summary>Whether a copy must be looked at again.</summary>
    public bool IsDueFor(ProvenCopy copy) => time.GetElapsedTime(copy.At) > TrustedFor;

    /// <summary>Looks at copies, one after the other; never throws.</summary>
    /// <returns>What speaks against the first copy that is not seen as it was made, as a clause; null when all are.</returns>
    public async Task<string?> DoubtAsync(IEnumerable<ProvenCopy> copies, CancellationToken cancellationToken)
    {
        foreach (var copy in copies)
            if (await DoubtAsync(copy, cancellationToken).ConfigureAwait(false) is { } doubt) return doubt;
        return null;
    }

    private async Task<string?> DoubtAsync(ProvenCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            if (await stat(copy.Target, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false) is not { } found)
                return $"the copy at {copy.Target} is not there any more";

            // A hash would tell a touched copy from a changed one; the next run reads it.
            return RecordedJob.Drifted(copy.Receipt, found, hash: () => "") ? $"the copy at {copy.Target} was changed after it was made" : null;
        }
        catch (OperationCanceledException)
        {
            return $"the run was stopped before it looked again at the copy at {copy.Target}";
        }
        catch (Exception e)
        {
            var why = SystemFailure.FromException(e, "look at", copy.Target.Display).Message.TrimEnd('.');
            return $"the copy at {copy.Target} could not be looked at again ({why})";
        }
    }
}
