using System.Security.Cryptography;
using System.Text;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Processes;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// The folder of a job whose copies are all recorded. Every step uses handles, so that it cannot affect anything outside the folder. The folder is
/// removed in two steps: it is renamed to a hidden name, under which no run finds a job, and then its content is removed. If a crash interrupts
/// this, a later run continues under the same conditions.
/// </summary>
/// <param name="outputs">The outputs folder.</param>
/// <param name="manifest">The job's manifest.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="time">The clock.</param>
/// <param name="name">The folder's own name, if the manifest was read under another one.</param>
internal sealed class FinishedJobFolder(SafeFolder outputs, Manifest manifest, Ledger ledger, TimeProvider time, string? name = null)
{
    /// <summary>The prefix of hidden names.</summary>
    public const string HiddenPrefix = ".nassync-finished-";

    private const int MostNames = 1000;
    private const int LongestName = 255;
    private readonly string _name = name ?? Path.GetFileName(manifest.Folder);
    private readonly Lazy<bool> _isShared = new(() => NetworkFileSystem.KindThatChangesUntold(Path.GetDirectoryName(manifest.Folder)!) is not null);

    /// <summary>The cure if the folder is kept because of files that its manifest does not name; otherwise null.</summary>
    public string? Cure { get; private set; }

    /// <summary>The job's plan, to predict what happens to the folder after the plan is done; null uses the ledger alone.</summary>
    public IReadOnlyList<PlanItem>? Foreseen { get; init; }

    /// <summary>Why the folder could not be removed or archived now, as a clause; null when nothing prevents it.</summary>
    /// <param name="archive">The folder to move it to; null removes it.</param>
    /// <exception cref="FailureException">The archive lies on another file system (class Config).</exception>
    public string? Obstacle(string? archive)
    {
        using var job = Open(_name, out var why);
        if (job is null) return why;
        if (archive is null) return Check(job).Why ?? WhyNotRemovable();
        if (WhyNotMoved(job) is { } unlike) return unlike;
        RequireSameDevice(archive);
        return WhyNoNamesIn(Path.GetDirectoryName(manifest.Folder)!) ?? WhyNoNamesIn(manifest.Folder) ?? WhyNoNamesIn(archive);
    }

    /// <summary>Removes it.</summary>
    /// <returns>Why it is kept, as a clause; null when it is gone.</returns>
    public string? Remove()
    {
        if (Obstacle(archive: null) is { } obstacle) return obstacle;
        var hidden = HiddenName(_name);
        if (!outputs.Rename(_name, hidden, replace: false)) return $"{hidden} stands in its way";
        CrashPoint.Reach(CrashPoint.JobHidden);
        return RemoveHidden(hidden);
    }

    /// <summary>Removes a folder that already has a hidden name.</summary>
    /// <param name="hidden">The name.</param>
    /// <returns>Why it is kept, as a clause; null when it is gone.</returns>
    public string? RemoveHidden(string hidden)
    {
        using (var job = Open(hidden, out var why))
        {
            if (job is null) return why;

            // Check again: under the hidden name no producer finds the folder, so this result stays valid.
            var (content, obstacle) = Check(job);
            if (obstacle is not null) return GiveBack(hidden, obstacle);

            // Record first: if the ledger fails, nothing has been removed yet.
            var copies = Copies();
            var at = time.GetUtcNow();
            var sources = content.Files.Select(file => new SourceName(manifest.JobId, file.Path.Value)).ToList();
            ledger.MarkReleased(sources, at);
            if (RemoveFiles(job, content, copies, out var removed) is { } halted)
            {
                foreach (var source in sources.Skip(removed)) ledger.KeepSource(source, at);
                return GiveBack(hidden, halted);
            }

            if (RemoveRest(job, content) is { } refused) return GiveBack(hidden, refused);
        }

        outputs.RemoveEmptyFolder(hidden);
        outputs.Fsync();
        return outputs.Stat(hidden) is null ? null : GiveBack(hidden, "something was written into it meanwhile");
    }

    private static string? RemoveFiles(SafeFolder job, JobContent content, ILookup<string, RecordedCopy> copies, out int removed)
    {
        for (removed = 0; removed < content.Files.Count; removed++)
        {
            var (path, stat) = content.Files[removed];
            var isGone = false;
            try
            {
                using var parent = Descend(job, path.Parent);
                if (parent.Stat(path.FileName)?.State is not { } now
                    || now != stat.State
                    || !Holds(parent, path, now, stat.State, copies[path.Value]))
                    return $"'{path}' has just been changed";
                parent.Unlink(path.FileName);
                isGone = true;
                parent.Fsync();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (isGone) removed++;
                return Refused(e, path.Value);
            }

            CrashPoint.Reach(CrashPoint.JobFileRemoved);
        }

        return null;
    }

    private string? RemoveRest(SafeFolder job, JobContent content)
    {
        try
        {
            foreach (var folder in content.Folders)
            {
                using var parent = Descend(job, folder.Parent);
                parent.RemoveEmptyFolder(folder.FileName);
            }

            // The manifest goes last, because a later run recognizes the folder by it.
            job.Unlink(ManifestFinder.FileName);
            job.Fsync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused(e, _name);
        }

        CrashPoint.Reach(CrashPoint.JobManifestRemoved);
        return null;
    }

    private static string Refused(Exception error, string path) => SystemFailure.FromException(error, "remove", path).Message.TrimEnd('.');

    /// <summary>Moves it to another folder on the same file system, under a name that is free there.</summary>
    /// <param name="archive">The folder, created if it is missing.</param>
    /// <param name="to">Its new path.</param>
    /// <returns>Why it is kept, as a clause; null when it was moved.</returns>
    /// <exception cref="FailureException">The archive lies on another file system, or is not mounted (class Config).</exception>
    public string? MoveTo(string archive, out string to)
    {
        to = "";
        if (Obstacle(archive) is { } why) return why;
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

    /// <summary>
    /// Removes the folders that killed runs have left under hidden names. A folder that may no longer be removed gets its own name back, so that the
    /// run finds the job again.
    /// </summary>
    /// <param name="outputsDir">The outputs folder.</param>
    /// <param name="mayRemove">Whether the configuration still removes finished jobs; if not, each folder gets its name back.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="time">The clock.</param>
    /// <param name="emit">Called with each event.</param>
    public static void RemoveLeft(string outputsDir, bool mayRemove, Ledger ledger, TimeProvider time, Action<TransferEvent> emit)
    {
        using var root = SafeRoot.Open(outputsDir);
        using var outputs = root.OpenFolder(null, create: false);
        foreach (var hidden in outputs.Folders(HiddenPrefix))
        {
            try
            {
                RemoveLeft(outputs, outputsDir, hidden, mayRemove, ledger, time, emit);
            }
            catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
            {
                emit(new TransferEvent.Warned(StillHidden(outputsDir, hidden, Refused(e, hidden))));
            }
        }
    }

    private static void RemoveLeft(
        SafeFolder outputs,
        string outputsDir,
        string hidden,
        bool mayRemove,
        Ledger ledger,
        TimeProvider time,
        Action<TransferEvent> emit)
    {
        outputs.RemoveEmptyFolder(hidden);
        if (outputs.Stat(hidden) is null) return;
        var manifest = Read(outputs, hidden, Path.Combine(outputsDir, hidden, ManifestFinder.FileName));
        var name = OwnName(hidden, manifest);
        if (mayRemove && manifest is not null && new FinishedJobFolder(outputs, manifest, ledger, time, name).RemoveHidden(hidden) is null)
            emit(new TransferEvent.JobCleared(manifest, null));
        if (outputs.Stat(hidden) is not null && !outputs.Rename(hidden, name, replace: false))
            emit(new TransferEvent.Warned(StillHidden(outputsDir, hidden, $"its own name, {Failure.Quote(name)}, is taken")));
    }

    // The hidden name contains the folder's own name, so that it can be restored; a name that would be too long is replaced by a short one.
    private static string HiddenName(string name) => Encoding.UTF8.GetByteCount(HiddenPrefix + name) <= LongestName
        ? HiddenPrefix + name
        : HiddenPrefix + FileHash.Hex(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];

    private static string OwnName(string hidden, Manifest? manifest) =>
        manifest is not null && HiddenName(manifest.JobId) == hidden ? manifest.JobId : hidden[HiddenPrefix.Length..];

    private static Notice StillHidden(string outputsDir, string hidden, string why) => new(
        "JobKept",
        $"{Path.Combine(outputsDir, hidden)} is a job folder that a run hid to remove it, before the run was killed. It cannot be removed now "
            + $"and keeps its hidden name: {why}.",
        "Nothing is lost; give it another name that does not begin with a dot, so that the next run finds it.");

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
        Cure = content.Cure;
        if (content.Obstacle is not null) return (content, content.Obstacle);
        if (!IsSameManifest(job)) return (content, "its manifest was rewritten");
        var rows = Copies();
        foreach (var artifact in manifest.Artifacts.DistinctBy(artifact => artifact.Path))
        {
            var copies = rows[artifact.Path].ToList();
            if (copies.Count == 0) return (content, $"nothing is recorded of '{artifact.Path}'");
            if (content.Files.FirstOrDefault(file => file.Path == artifact.RelativePath) is { Path: not null } found
                && WhyNot(job, artifact, found.Stat, copies) is { } why)
                return (content, why);
        }

        return (content, null);
    }

    // The recorded copies of the last copied version of each artifact. Former copies, and copies to targets that no route has any more, belong to
    // older versions.
    private ILookup<string, RecordedCopy> Copies() => Recorded()
        .Where(row => row is { SupersededBy: null, IsFormer: false })
        .GroupBy(row => row.Artifact, StringComparer.Ordinal)
        .SelectMany(rows => OfTheLast(rows))
        .ToLookup(row => row.Artifact, StringComparer.Ordinal);

    private IEnumerable<RecordedCopy> Recorded()
    {
        var rows = ledger.OfJob(manifest.JobId);
        if (Foreseen is null) return rows;
        var coming = Foreseen.Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt).Select(ToCome).ToList();
        var replaced = coming.Select(copy => (copy.Artifact, copy.Requested.Key)).ToHashSet();
        return coming.Concat(rows.Where(row => !replaced.Contains((row.Artifact, row.Requested.Key))));
    }

    private RecordedCopy ToCome(PlanItem item) => new()
    {
        JobId = item.JobId,
        Artifact = item.Artifact.Path,
        Requested = item.Requested ?? item.Target!,
        Target = item.Target!,
        Source = item.Source!.Value,
        Receipt = new CommitReceipt
        {
            Size = item.Source.Value.Size,
            Sha256 = item.Sha256,
            VerifiedBy = VerifiedBy.SizeOnly,
            Durability = Durability.Cached,
            CommittedAt = time.GetUtcNow(),
        },
        Generation = manifest.Generation,
        IsAdopted = item.IsAdopted,
    };

    private string? WhyNotMoved(SafeFolder job)
    {
        if (!IsSameManifest(job)) return "its manifest was rewritten";
        var content = JobContent.Of(job, manifest);
        if (content is not { HoldsAnotherJob: true, Obstacle: { } another }) return WhyNotWhole(job, content);
        Cure = content.Cure;
        return another;
    }

    // Checks permissions before anything is renamed. If the system does not tell, the attempt itself will.
    private string? WhyNotRemovable() => manifest.Artifacts
        .Select(artifact => artifact.RelativePath.Parent)
        .Distinct()
        .Select(folder => folder is null ? manifest.Folder : Path.Combine(manifest.Folder, folder.Value))
        .Where(Directory.Exists)
        .Prepend(manifest.Folder)
        .Prepend(Path.GetDirectoryName(manifest.Folder)!)
        .Select(WhyNoNamesIn)
        .FirstOrDefault(why => why is not null);

    private static string? WhyNoNamesIn(string folder) => new WritableFolders().WhyNot(Path.Combine(folder, ManifestFinder.FileName)) is { } errno
        ? SystemFailure.FromErrno(errno, "clear away what is in", folder).Message.TrimEnd('.')
        : null;

    // A source that changes after the move is never copied, because no run looks into the archive; so every source must be complete now.
    private string? WhyNotWhole(SafeFolder job, JobContent content)
    {
        var rows = Copies();
        foreach (var artifact in manifest.Artifacts.DistinctBy(artifact => artifact.Path))
        {
            if (content.Files.FirstOrDefault(file => file.Path == artifact.RelativePath) is not { Path: not null } found) continue;
            if (WhyAnother(job, artifact, found.Stat, [.. rows[artifact.Path]]) is { } another) return another;
            if (artifact.Size is null && artifact.Sha256 is null && IsOpenForWriting(job, artifact.RelativePath) == true)
                return StillWritten(artifact);
        }

        return null;
    }

    private static IEnumerable<RecordedCopy> OfTheLast(IEnumerable<RecordedCopy> rows)
    {
        var last = rows.MaxBy(row => row.Receipt.CommittedAt)!;
        return rows.Where(row => RecordedJob.SameSource(row, last.Source, null));
    }

    private string? WhyNot(SafeFolder job, Artifact artifact, FileStat found, List<RecordedCopy> copies)
    {
        if (copies.Exists(copy => copy.IsAdopted)) return $"a copy of '{artifact.Path}' was there before, and is not NasSync's own";
        if (WhyAnother(job, artifact, found, copies) is { } another) return another;
        if (copies.Exists(copy => copy.Receipt.Target is { Inode: not 0 } target
            && target.Inode == found.State.Inode
            && target.Device == found.State.Device))
            return $"'{artifact.Path}' is the very file that a copy is";
        if (artifact.Size is not null || artifact.Sha256 is not null) return null;
        return IsOpenForWriting(job, artifact.RelativePath) switch
        {
            false => null,
            true => StillWritten(artifact),
            null => $"it cannot be told whether '{artifact.Path}' is still written, since its manifest declares no size",
        };
    }

    // A source that changed after it was copied must keep the folder here, because no later run would see it.
    private static string? WhyAnother(SafeFolder job, Artifact artifact, FileStat found, List<RecordedCopy> copies)
    {
        using var parent = Descend(job, artifact.RelativePath.Parent);
        return copies.TrueForAll(IsOf) ? null : $"'{artifact.Path}' is not what was copied";

        bool IsOf(RecordedCopy copy) =>
            RecordedJob.SameSource(copy, found.State, null) && Holds(parent, artifact.RelativePath, found.State, copy.Source, copies);
    }

    // A program can restore size and time after a change. If the change time (ctime) differs, only the content decides.
    private static bool Holds(SafeFolder parent, RelativePath path, FileState now, FileState known, IEnumerable<RecordedCopy> copies)
    {
        if (!now.IsTouchedSince(known)) return true;
        if (copies.Select(copy => copy.Receipt.Sha256).FirstOrDefault(hash => hash is not null) is not { } sha256) return false;
        using var file = parent.OpenRead(path.FileName);
        return new SourceProof(file, now with { ChangeNs = known.ChangeNs }).Holds(sha256, CancellationToken.None);
    }

    private bool? IsOpenForWriting(SafeFolder job, RelativePath path)
    {
        using var parent = Descend(job, path.Parent);
        using var file = parent.OpenRead(path.FileName);
        var isOpen = OpenFiles.IsOpenForWriting(file);

        // On a shared file system, "no writer on this machine" does not exclude writers on others.
        return isOpen == false && _isShared.Value ? null : isOpen;
    }

    private static string StillWritten(Artifact artifact) => $"'{artifact.Path}' is still open for writing";

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

    // Restores the folder's own name, so that the next run finds the job. If that name is taken, the folder stays hidden, and nothing is lost.
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
        if (MountTable.UnmountedAbove(archive) is { } point) throw NotMounted(archive, point);
        if (!OperatingSystem.IsLinux()) return;
        for (var folder = archive; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Libc.StatPath(folder) is not { } there) continue;
            if (there.State.Device != outputs.Stat(_name)?.State.Device) throw Elsewhere(archive);
            return;
        }
    }

    private static FailureException NotMounted(string archive, string point) => new(new Failure(
        FailureClass.Config,
        "ArchiveElsewhere",
        $"the archive {archive} lies at the mount point {point}, and nothing is mounted there",
        "Mount it, or choose an archive on the file system of outputsDir; the next run looks again."));

    private FailureException Elsewhere(string archive)
    {
        var (from, to) = (MountTable.At(manifest.Folder)?.Point ?? "?", MountTable.At(archive)?.Point ?? "?");
        return new FailureException(new Failure(
            FailureClass.Config,
            "ArchiveElsewhere",
            $"the archive {archive} (mounted at {to}) and the job (mounted at {from}) lie on different mounts, and a move "
                + "that became a copy would prove nothing",
            "Choose an archive on the file system of outputsDir; a container or service must see both below one mount."));
    }
}
