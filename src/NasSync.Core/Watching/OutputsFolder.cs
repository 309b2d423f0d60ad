using System.IO.Enumeration;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>What a look at the outputs folder's place tells.</summary>
internal enum FolderLook
{
    /// <summary>The folder of the look before.</summary>
    Same,

    /// <summary>Another folder than before, or the first one.</summary>
    Another,

    /// <summary>It is not there, or what is there is not it.</summary>
    Away,
}

/// <summary>
/// The outputs folder: whether it is the one that it was, and what is in it. Nothing is concluded from what a missing or unmounted folder does
/// not hold.
/// </summary>
internal sealed class OutputsFolder(string path)
{
    /// <summary>The code of a notice that the folder is not there, as of the failure of a run that finds it so.</summary>
    public const string AwayCode = "SourceUnavailable";

    private (ulong Device, ulong Inode)? _known;
    private bool _hasUnreadable;

    /// <summary>Looks which folder is there.</summary>
    /// <param name="knownJobs">How many jobs it held.</param>
    /// <param name="away">What people should know when it is away.</param>
    public FolderLook Look(int knownJobs, out Notice? away)
    {
        try
        {
            away = null;
            var found = Identity();
            if (found is { } same && same == _known) return FolderLook.Same;
            away = found is not { } now ? Missing() : MountTable.UnmountedAbove(path) is { } point ? Unmounted(point) : IsEmptyOther(now, knownJobs) ? Another() : null;
            if (away is not null) return FolderLook.Away;
            _known = found;
            return FolderLook.Another;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            away = Unreadable(e);
            return FolderLook.Away;
        }
    }

    /// <summary>Whether the path leads to the folder that was looked at.</summary>
    public bool IsStillThere() => Identity() is { } now && now == _known;

    /// <summary>What people should know of folders whose names could not be read when the jobs were listed last; null when there were none.</summary>
    public Notice? Unreadable() => _hasUnreadable ? ManifestFinder.Unreadable(path) : null;

    /// <summary>Every job folder with the state of its manifest, null where it has none; in no order.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public IEnumerable<(string Job, FileState? Manifest)> Jobs()
    {
        using var manifest = new SubfolderFile(path, ManifestFinder.FileName);
        var jobs = new FileSystemEnumerable<(string, FileState?)>(
            path, (ref FileSystemEntry entry) => (entry.FileName.ToString(), manifest.In(entry.FileName)), EveryEntry())
        {
            ShouldIncludePredicate = IsJob,
        };
        _hasUnreadable = false;
        foreach (var job in jobs)
        {
            // By a name that cannot be read nothing is found.
            if (job.Item2 is not null || !UnreadableNames.MayBe(job.Item1)) yield return job;
            else _hasUnreadable = true;
        }
    }

    /// <summary>The state of one job's manifest; null when it has none.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="isFolder">False when there is no job folder of that name.</param>
    /// <exception cref="IOException">The outputs folder is not there.</exception>
    public FileState? ManifestOf(string job, out bool isFolder)
    {
        using var manifest = new SubfolderFile(path, ManifestFinder.FileName);
        var state = manifest.In(job);
        isFolder = state is not null || Directory.Exists(Path.Combine(path, job));
        return state;
    }

    /// <summary>What is said when it cannot be listed.</summary>
    public Notice Unreadable(Exception error) => new(
        AwayCode,
        $"The outputs folder {path} cannot be looked through: {error.Message.TrimEnd('.')}.",
        "Let the user that runs NasSync list it, and check that its file system is mounted; NasSync waits for it.");

    /// <summary>What is said when it is there again.</summary>
    public Notice Back() => new("SourceAvailable", $"The outputs folder {path} is there again.", "Nothing needs to be done; all of it is looked through.");

    private (ulong Device, ulong Inode)? Identity()
    {
        if (!OperatingSystem.IsLinux()) return Directory.Exists(path) ? (0, 0) : null;
        return Libc.StatPath(path) is { Kind: FileKind.Folder } stat ? (stat.State.Device, stat.State.Inode) : null;
    }

    // A mount that fails leaves the empty folder below it; a folder that someone emptied and made anew lies where the old one was.
    private bool IsEmptyOther((ulong Device, ulong Inode) now, int knownJobs) =>
        knownJobs > 0 && _known is { } known && known.Device != now.Device && !new FileSystemEnumerable<bool>(path, static (ref FileSystemEntry _) => true, EveryEntry())
        {
            ShouldIncludePredicate = IsJob,
        }.Any();

    private static EnumerationOptions EveryEntry() => new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private static bool IsJob(ref FileSystemEntry entry) => entry.IsDirectory && !ManifestFinder.IsLeftOut(entry.FileName);

    private Notice Missing() =>
        new(AwayCode, $"The outputs folder {path} is not there.", "Mount it, make it, or mend outputsDir; NasSync waits for it and forgets nothing meanwhile.");

    private Notice Unmounted(string point) => new(
        AwayCode,
        $"The outputs folder {path} lies at the mount point {point}, and nothing is mounted there.",
        "Mount it, or take it out of the table of file systems (/etc/fstab); NasSync waits for it and forgets nothing meanwhile.");

    private Notice Another() => new(
        AwayCode,
        $"The outputs folder {path} holds no jobs and lies on another file system than before.",
        "Mount the right one; NasSync waits for it and forgets nothing meanwhile. If this one is right, it is taken with its first job.");
}
