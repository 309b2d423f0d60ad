using System.IO.Enumeration;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>The result of examining the path of the outputs folder.</summary>
internal enum FolderLook
{
    /// <summary>The same folder as before.</summary>
    Same,

    /// <summary>A different folder than before, or the first one.</summary>
    Another,

    /// <summary>The folder is missing, or the one there is not the right one.</summary>
    Away,
}

/// <summary>
/// The outputs folder: whether it is still the same, and what it contains. The absence of jobs from a missing or unmounted folder means nothing.
/// </summary>
internal sealed class OutputsFolder(string path)
{
    /// <summary>The code of the notice that the folder is missing; a run fails with the same code.</summary>
    public const string AwayCode = "SourceUnavailable";

    private (ulong Device, ulong Inode)? _known;
    private bool _hasUnreadable;

    /// <summary>Examines which folder is at the path.</summary>
    /// <param name="knownJobs">The number of jobs it had.</param>
    /// <param name="away">A notice for people when the folder is missing.</param>
    public FolderLook Look(int knownJobs, out Notice? away)
    {
        try
        {
            away = null;
            var found = Identity();
            if (found is { } same && same == _known) return FolderLook.Same;
            away = found is not { } now ? Missing()
                : MountTable.UnmountedAbove(path) is { } point ? Unmounted(point)
                : IsEmptyOther(now, knownJobs) ? Another()
                : null;
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

    /// <summary>Whether the path still leads to the folder that was examined.</summary>
    public bool IsStillThere() => Identity() is { } now && now == _known;

    /// <summary>The notice about unreadable names that the last listing met; null when there were none.</summary>
    public Notice? Unreadable() => _hasUnreadable ? ManifestFinder.Unreadable(path) : null;

    /// <summary>Every job folder with the state of its manifest, null where there is none; in no particular order.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">Listing the folder is not permitted.</exception>
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
            // A name that is not UTF-8 finds no file.
            if (job.Item2 is not null || !UnreadableNames.MayBe(job.Item1)) yield return job;
            else _hasUnreadable = true;
        }
    }

    /// <summary>The state of a job's manifest; null when there is none.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="isFolder">False when there is no job folder of that name.</param>
    /// <exception cref="IOException">The outputs folder is missing.</exception>
    public FileState? ManifestOf(string job, out bool isFolder)
    {
        using var manifest = new SubfolderFile(path, ManifestFinder.FileName);
        var state = manifest.In(job);
        isFolder = state is not null || Directory.Exists(Path.Combine(path, job));
        return state;
    }

    /// <summary>The notice that the folder cannot be listed.</summary>
    public Notice Unreadable(Exception error) => new(
        AwayCode,
        $"The outputs folder {path} cannot be looked through: {error.Message.TrimEnd('.')}.",
        "Let the user that runs NasSync list it, and check that its file system is mounted; NasSync waits for it.");

    /// <summary>The notice that the folder is available again.</summary>
    public Notice Back() => new(
        "SourceAvailable", $"The outputs folder {path} is there again.", "Nothing needs to be done; all of it is looked through.");

    private (ulong Device, ulong Inode)? Identity()
    {
        if (!OperatingSystem.IsLinux()) return Directory.Exists(path) ? (0, 0) : null;
        return Libc.StatPath(path) is { Kind: FileKind.Folder } stat ? (stat.State.Device, stat.State.Inode) : null;
    }

    // A failed mount leaves the empty mount point, on another file system. A folder that someone recreated is on the same one as before.
    private bool IsEmptyOther((ulong Device, ulong Inode) now, int knownJobs) =>
        knownJobs > 0
        && _known is { } known
        && known.Device != now.Device
        && !new FileSystemEnumerable<bool>(path, static (ref FileSystemEntry _) => true, EveryEntry())
        {
            ShouldIncludePredicate = IsJob,
        }.Any();

    private static EnumerationOptions EveryEntry() => new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private static bool IsJob(ref FileSystemEntry entry) => entry.IsDirectory && !ManifestFinder.IsLeftOut(entry.FileName);

    private Notice Missing() => new(
        AwayCode,
        $"The outputs folder {path} is not there.",
        "Mount it, create it, or correct outputsDir; NasSync waits for it and forgets nothing meanwhile.");

    private Notice Unmounted(string point) => new(
        AwayCode,
        $"The outputs folder {path} lies at the mount point {point}, and nothing is mounted there.",
        "Mount it, or take it out of the table of file systems (/etc/fstab); NasSync waits for it and forgets nothing meanwhile.");

    private Notice Another() => new(
        AwayCode,
        $"The outputs folder {path} holds no jobs and lies on another file system than before.",
        "Mount the right one; NasSync waits for it and forgets nothing meanwhile. If this one is right, it is taken with its first job.");
}
