using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>Tests in the root itself what its file system supports; removes its test file at once.</summary>
internal static class LocalProbe
{
    private const long OddTime = 1_700_000_000_123_456_789;

    public static Capabilities Of(SafeRoot root, string path)
    {
        using var folder = root.OpenFolder(null, create: false);
        var name = Leftovers.ProbeName();
        try
        {
            using var file = folder.CreateNew(name);
            OpenFiles.SetMtime(file, OddTime);
            return new Capabilities
            {
                AtomicReplace = true,
                CreateOnly = true,
                Fsync = OperatingSystem.IsLinux(),
                Mtime = true,
                MtimePrecisionNs = Precision(OpenFiles.Stat(file).State.MtimeNs),
                CaseSensitive = folder.Stat(name.ToUpperInvariant()) is null,
                LongestName = 255,
                FreeBytes = new DriveInfo(path).AvailableFreeSpace,
                Server = $"{Environment.OSVersion.Platform}, {MountTable.FileSystemOf(path) ?? "unknown"}",
            };
        }
        finally
        {
            folder.Unlink(name);
        }
    }

    private static long Precision(long seen)
    {
        foreach (var step in new long[] { 1, 100, 1_000, 1_000_000, 10_000_000, 1_000_000_000 })
            if (seen / step == OddTime / step) return step;
        return 2_000_000_000;
    }
}
