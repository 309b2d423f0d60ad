using System.Security.Cryptography;
using System.Text;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Processes;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// The folder of one job of which all is recorded. Everything happens by handles, so that nothing outside the folder can be meant. It is removed in
/// two steps: it gets a hidden name, under which nobody finds a job, and only then goes what is in it; what a crash leaves of it is removed by a later
/// run, under the same conditions.
/// </summary>
internal sealed class FinishedJobFolder(SafeFolder outputs, Manifest manifest, Ledger ledger, TimeProvider time)
{
    /// <summary>What the hidden names begin with.</summary>
    public const string HiddenPrefix = ".nassync-finished-";

    private const int MostNames = 1000;
    private readonly string _name = Path.GetFileName(manifest.Folder);

    /// <summary>Why it would not be removed, as a clause; null when nothing speaks against it.</summary>
    public string? Obstacle()
    {
        using var job = Open(_name, out var why);
        return job is null ? why : Check(job).Why;
    }

    /// <summary>Removes it.</summary>
    /// <returns>Why it is kept, as a clause; null when it is gone.</returns>
    public string? Remove()
    {
        using (var job = Open(_name, out var why))
        {
            if (job is null) return why;
            if (Check(job) is { Why: { } obstacle }) return obstacle;
        }

        var hidden = HiddenPrefix + FileHash.Hex(SHA256.HashData(Encoding.UTF8.GetBytes(_name)))[..16];
        if (!outputs.Rename(_name, hidden, replace: false)) return $"{hidden} stands in its way";
        CrashPoint.Reach(CrashPoint.JobHidden);
        return RemoveHidden(hidden);
    }

    /// <summary>Removes what has the hidden name already.</summary>
    /// <param name="hidden">The name.</param>
    /// <returns>Why it is kept, as a clause; null when it is gone.</returns>
    public string? RemoveHidden(string hidden)
    {
        using (var job = Open(hidden, out var why))
        {
            if (job is null) return why;

            // Looked at anew: nobody finds it by its name any more, so that what is seen now stays.
            var (content, obstacle) = Check(job);
            if (obstacle is not null) return GiveBack(hidden, obstacle);

            // Said first: should the ledger not take it, nothing has gone.
            var at = time.GetUtcNow();
            var sources = content.Files.Select(file => new SourceName(manifest.JobId, file.Path.Value)).ToList();
            ledger.MarkReleased(sources, at);
            for (var i = 0; i < content.Files.Count; i++)
            {
                var (path, stat) = content.Files[i];
                using var parent = Descend(job, path.Parent);
                if (parent.Stat(path.FileName) is not { } now || now.State != stat.State)
                {
                    foreach (var source in sources.Skip(i)) ledger.KeepSource(source, at);
                    return GiveBack(hidden, $"'{path}' has just been changed");
                }

                parent.Unlink(path.FileName);
                parent.Fsync();
                CrashPoint.Reach(CrashPoint.JobFileRemoved);
            }

            foreach (var folder in content.Folders)
            {
                using var parent = Descend(job, folder.Parent);
                parent.RemoveEmptyFolder(folder.FileName);
            }

            // Last: by it a later run knows what the folder was.
            job.Unlink(ManifestFinder.FileName);
            job.Fsync();
            CrashPoint.Reach(CrashPoint.JobManifestRemoved);
        }

        outputs.RemoveEmptyFolder(hidden);
        outputs.Fsync();
        return outputs.Stat(hidden) is null ? null : "something was written into it meanwhile";
    }

    /// <summary>Moves it to another folder of the same file system, under a name of its own there.</summary>
    /// <param name="archive">The folder, made where it is missing.</param>
    /// <param name="to">Where it is then.</param>
    /// <returns>Why it is kept, as a clause; null when it was moved.</returns>
    /// <exception cref="FailureException">The archive lies on another file system, or is not mounted (class Config).</exception>
    public string? MoveTo(string archive, out string to)
    {
        to = "";
        using (var job = Open(_name, out var why))
        {
            if (job is null) return why;
            if (!IsSameManifest(job)) return "its manifest was written anew";
            if (JobContent.Of(job, manifest) is { HoldsAnotherJob: true, Obstacle: { } another }) return another;
        }

        RequireSameDevice(archive);
        using var root = SafeRoot.OpenOrCreate(archive);
        using var folder = root.OpenFolder(null, create: false);
        for (var i = 1; i < MostNames; i++)
        {
            var name = i == 1 ? _name : $"{_name} ({i})";
            try
            {
                if (!outputs.MoveTo(_name, folder, name)) continue;
            }
            catch (IOException e) when (e.HResult == Libc.EXDEV)
            {
                throw Elsewhere(archive);
            }

            CrashPoint.Reach(CrashPoint.JobArchived);
            folder.Fsync();
            outputs.Fsync();
            to = Path.Combine(archive, name);
            return null;
        }

        return $"{archive} holds {MostNames - 1} folders of its name";
    }

    /// <summary>Removes what earlier runs that were killed have left under hidden names.</summary>
    public static void RemoveLeft(string outputsDir, Ledger ledger, TimeProvider time, Action<TransferEvent> emit)
    {
        using var root = SafeRoot.Open(outputsDir);
        using var outputs = root.OpenFolder(null, create: false);
        foreach (var (name, _) in outputs.Everything().Where(entry => entry.Name.StartsWith(HiddenPrefix, StringComparison.Ordinal) && entry.Stat.Kind == FileKind.Folder))
        {
            outputs.RemoveEmptyFolder(name);
            if (outputs.Stat(name) is null) continue;
            var path = Path.Combine(outputsDir, name, ManifestFinder.FileName);
            if (Read(outputs, name, path) is not { } manifest) continue;
            if (new FinishedJobFolder(outputs, manifest, ledger, time).RemoveHidden(name) is null) emit(new TransferEvent.JobCleared(manifest, null));
        }
    }

    private static Manifest? Read(SafeFolder outputs, string name, string path)
    {
        try
        {
            using var job = outputs.OpenSubfolder(name);
            using var stream = new FileStream(job.OpenRead(ManifestFinder.FileName), FileAccess.Read);
            return Manifests.ManifestReader.Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException)
        {
            return null;
        }
    }

    private SafeFolder? Open(string name, out string why)
    {
        why = "it is a link, or no folder any more";
        return outputs.Stat(name) is { Kind: FileKind.Folder } ? outputs.OpenSubfolder(name) : null;
    }

    private (JobContent Content, string? Why) Check(SafeFolder job)
    {
        var content = JobContent.Of(job, manifest);
        if (content.Obstacle is not null) return (content, content.Obstacle);
        if (!IsSameManifest(job)) return (content, "its manifest was written anew");
        var rows = ledger.OfJob(manifest.JobId).Where(row => row.SupersededBy is null).ToLookup(row => row.Artifact, StringComparer.Ordinal);
        foreach (var artifact in manifest.Artifacts.DistinctBy(artifact => artifact.Path.Value))
        {
            var copies = rows[artifact.Path.Value].ToList();
            if (copies.Count == 0) return (content, $"nothing is recorded of '{artifact.Path}'");
            if (content.Files.FirstOrDefault(file => file.Path == artifact.Path) is { Path: not null } found && WhyNot(job, artifact, found.Stat, copies) is { } why) return (content, why);
        }

        return (content, null);
    }

    private static string? WhyNot(SafeFolder job, Artifact artifact, FileStat found, List<RecordedCopy> copies)
    {
        if (copies.Exists(copy => copy.IsAdopted)) return $"a copy of '{artifact.Path}' was there before, and is not NasSync's own";
        if (copies.Exists(copy => copy.Source != found.State)) return $"'{artifact.Path}' is not what was copied";
        if (copies.Exists(copy => copy.Receipt.Target is { Inode: not 0 } target && target.Inode == found.State.Inode && target.Device == found.State.Device)) return $"'{artifact.Path}' is the very file that a copy is";
        if (artifact.Size is not null || artifact.Sha256 is not null) return null;
        using var parent = Descend(job, artifact.Path.Parent);
        using var file = parent.OpenRead(artifact.Path.FileName);
        return OpenFiles.IsOpenForWriting(file) switch
        {
            false => null,
            true => $"'{artifact.Path}' is still open for writing",
            null => $"it cannot be told whether '{artifact.Path}' is still written, since its manifest declares no size",
        };
    }

    private bool IsSameManifest(SafeFolder job)
    {
        try
        {
            using var file = job.OpenRead(ManifestFinder.FileName);
            return FileHash.Of(file) == manifest.Generation;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    // Under its old name the next run sees it as it is; where that is taken, it stays hidden, and nothing is lost.
    private string GiveBack(string hidden, string why) => outputs.Rename(hidden, _name, replace: false) ? why : $"{why}; it is called {hidden} now";

    private static SafeFolder Descend(SafeFolder job, RelativePath? path)
    {
        var folder = job.OpenSubfolder(".");
        foreach (var name in path?.Components ?? [])
        {
            var next = folder.OpenSubfolder(name);
            folder.Dispose();
            folder = next;
        }

        return folder;
    }

    private void RequireSameDevice(string archive)
    {
        if (MountTable.UnmountedAbove(archive) is not null || !OperatingSystem.IsLinux()) return;
        for (var folder = archive; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Libc.StatPath(folder) is not { } there) continue;
            if (there.State.Device != outputs.Stat(_name)?.State.Device) throw Elsewhere(archive);
            return;
        }
    }

    private FailureException Elsewhere(string archive)
    {
        var (from, to) = (MountTable.At(manifest.Folder)?.Point ?? "?", MountTable.At(archive)?.Point ?? "?");
        return new FailureException(new Failure(
            FailureClass.Config,
            "ArchiveElsewhere",
            $"the archive {archive} (mounted at {to}) and the job (mounted at {from}) lie on different mounts, and a move that became a copy would prove nothing",
            "Choose an archive on the file system of outputsDir; a container or service must see both below one mount."));
    }
}
