using System.Text;
using NasSync.Files;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// Removes part files that earlier runs left in the folders that this run wrote to: those of a final name that this run has given, because their
/// content is no longer wanted, and any that were not written to for seven days. It lists each folder once, at the end of the run, when this run's
/// own part files are gone.
/// </summary>
internal sealed class SftpSweep(SftpSession session, SftpFolders folders, string place, KeptNames kept)
{
    private const int AtOnce = 16;

    /// <summary>Sweeps the folders. A failure does not affect the run: it is counted, and the next run tries again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var some in folders.Written.Chunk(AtOnce))
                await Task.WhenAll(some.Select(OneAsync)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Count("Stopped", 1);
        }
    }

    private async Task OneAsync(string folder)
    {
        try
        {
            Count("removed", await SweepAsync(folder).ConfigureAwait(false));
        }
        catch (Exception e) when (e is SftpStatusException or SftpProtocolException or FailureException || SftpFailure.IsConnectionEnd(e))
        {
            Count(e is SftpStatusException refused ? refused.Status.ToString() : (e as FailureException)?.Failure.Code ?? "ConnectionLost", 1);
        }
    }

    private async Task<int> SweepAsync(string folder)
    {
        var parts = await PartsAsync(folder).ConfigureAwait(false);
        if (parts.Count == 0) return 0;
        var now = await ClockAsync(folder).ConfigureAwait(false);
        var removed = 0;
        foreach (var (name, changedNs) in parts)
        {
            if (!Leftovers.IsAbandoned(changedNs, now) && !folders.IsNamed(SftpFolders.In(folder, AtomicFile.NameOf(name)))) continue;
            await session.RemoveAsync(SftpFolders.In(folder, name)).ConfigureAwait(false);
            removed++;
        }

        return removed;
    }

    private async Task<List<(string Name, long ChangedNs)>> PartsAsync(string folder)
    {
        var parts = new List<(string, long)>();
        var handle = await session.OpenDirAsync(folder.Length == 0 ? "." : folder).ConfigureAwait(false);
        try
        {
            while (await session.ReadDirAsync(handle).ConfigureAwait(false) is { } names)
                foreach (var (bytes, attributes) in names)
                    if (attributes is { IsFile: true, Mtime: { } changed } && PartOf(bytes) is { } name) parts.Add((name, changed * 1_000_000_000L));
        }
        finally
        {
            _ = session.CloseAsync(handle);
        }

        return parts;
    }

    private string? PartOf(byte[] bytes)
    {
        var name = Encoding.UTF8.GetString(bytes);

        // A name that is not UTF-8 encodes to other bytes, so it is not ours.
        return Leftovers.IsPart(name) && Encoding.UTF8.GetBytes(name).AsSpan().SequenceEqual(bytes) && !kept.Holds(name) ? name : null;
    }

    private async Task<long> ClockAsync(string folder)
    {
        var path = SftpFolders.In(folder, Leftovers.ClockName());
        var handle = await session.OpenAsync(path, SftpOpen.Write | SftpOpen.Create | SftpOpen.Exclusive).ConfigureAwait(false);
        try
        {
            return (await session.FStatAsync(handle).ConfigureAwait(false)).Mtime is { } now ? now * 1_000_000_000L : long.MinValue / 2;
        }
        finally
        {
            _ = session.CloseAsync(handle);
            await session.RemoveAsync(path).ConfigureAwait(false);
        }
    }

    private void Count(string outcome, int number) => Leftovers.Count(new("place", place), "part", outcome, number);
}
