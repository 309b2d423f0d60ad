using NasSync.Templates;

namespace NasSync.Destinations.Rsync;

/// <summary>Creates a test file to find out whether names ignore case, because rsync cannot report it; removes the file at once.</summary>
internal static class RsyncProbe
{
    private const int LongestName = 255;

    // A fixed name, so that the next probe removes the file of a killed one.
    private static readonly RelativePath Usual = RelativePath.Parse(ReservedName.Prefix + "probe-a");
    private static readonly FileState Sent = new(0, RsyncLooks.SecondNs, 0, 0);

    /// <summary>The capabilities of the place.</summary>
    public static async Task<Capabilities> RunAsync(RsyncDestination place, RsyncLink link, bool isLocal, CancellationToken cancellationToken)
    {
        var peer = await link.PeerAsync(cancellationToken).ConfigureAwait(false);
        return new Capabilities
        {
            AtomicReplace = true,

            // rsync checks the name before it renames; another writer may come in between.
            CreateOnly = false,
            Fsync = peer.Fsync || (isLocal && OperatingSystem.IsLinux()),
            ServerHash = peer.Checksum,
            Resume = true,
            Mtime = true,
            MtimePrecisionNs = RsyncLooks.SecondNs,
            CaseSensitive = peer.Version.DeletesMissing ? await IsCaseSensitiveAsync(place, link, cancellationToken).ConfigureAwait(false) : null,
            LongestName = LongestName,
            Server = $"rsync {peer.Version.Number} here, protocol {peer.Protocol}, checksum {peer.Checksum}",
        };
    }

    private static async Task<bool> IsCaseSensitiveAsync(RsyncDestination place, RsyncLink link, CancellationToken cancellationToken)
    {
        var left = await place.StatAsync(Usual, cancellationToken).ConfigureAwait(false);
        var lower = left is null || left == Sent ? Usual : RelativePath.Parse(Leftovers.ProbeName());
        var upper = RelativePath.Parse(lower.Value.ToUpperInvariant());
        await place.DeleteAsync(lower, cancellationToken).ConfigureAwait(false);
        var request = new WriteRequest { Path = lower, Size = 0, MtimeNs = Sent.MtimeNs, Fingerprint = "probe", Verify = VerifyLevel.Size };
        var session = await place.BeginWriteAsync(request, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false)) await session.CommitAsync(null, cancellationToken).ConfigureAwait(false);
        var (listed, _) = await link.LookAsync([upper.Value], cancellationToken).ConfigureAwait(false);
        await place.DeleteAsync(lower, cancellationToken).ConfigureAwait(false);
        return !listed.ContainsKey(upper.Value);
    }
}
