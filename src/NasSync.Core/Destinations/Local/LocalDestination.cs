using System.Collections.Concurrent;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>Folders of this machine, a mounted NAS among them. Roots are opened once and held for the run.</summary>
internal sealed class LocalDestination(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, SafeRoot> _roots = new(StringComparer.Ordinal);

    /// <summary>The file at a target; null when there is none, or not even its folder.</summary>
    /// <exception cref="FailureException">The place cannot be asked, or no regular file stands there.</exception>
    public FileState? Stat(Target target) => Guard("look at", target, () =>
    {
        if (Root(target, create: false)?.Stat(target.Path) is not { } stat) return (FileState?)null;
        return stat.Kind == FileKind.Regular ? stat.State : throw NotAFile(target);
    });

    /// <summary>SHA-256 of the file at a target, read past this machine's cache.</summary>
    public string Hash(Target target) => Guard("read", target, () =>
    {
        using var file = RequiredRoot(target).OpenRead(target.Path, out _);
        return FileHash.FromMedium(file);
    });

    /// <summary>Takes a file that was there already as a copy: makes it durable and says what it is.</summary>
    /// <param name="target">Where it is.</param>
    /// <param name="sha256">Its hash, as the planner read it from the medium.</param>
    public CommitReceipt Adopt(Target target, string sha256) => Guard("make durable", target, () =>
    {
        var root = RequiredRoot(target);
        using var file = root.OpenRead(target.Path, out var stat);
        OpenFiles.Fsync(file);
        using var folder = root.OpenFolder(target.Path.Parent, create: false);
        folder.Fsync();
        return new CommitReceipt
        {
            Size = stat.State.Size,
            Sha256 = sha256,
            VerifiedBy = VerifiedBy.ReadBack,
            Durability = Durability.Fsynced,
            CommittedAt = time.GetUtcNow(),
            Target = stat.State,
        };
    });

    /// <summary>Begins a copy; nothing is visible under the final name until the session commits.</summary>
    public LocalWriteSession BeginWrite(PlanItem item) => Guard("create", item.Target!, () =>
    {
        var target = item.Target!;
        var folder = RequiredRoot(target, create: true).OpenFolder(target.Path.Parent, create: true);
        try
        {
            var source = item.Source!.Value;
            var fingerprint = $"{item.JobId}/{item.Artifact.Path}:{source.Size}:{source.MtimeNs}:{source.Inode}";
            return new LocalWriteSession(item, new AtomicFile(folder, target.Path.FileName, fingerprint), time);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var root in _roots.Values) root.Dispose();
    }

    private SafeRoot? Root(Target target, bool create)
    {
        if (_roots.TryGetValue(target.Root, out var known)) return known;
        SafeRoot opened;
        try
        {
            opened = create ? SafeRoot.OpenOrCreate(target.Root) : SafeRoot.Open(target.Root);
        }
        catch (DirectoryNotFoundException) when (!create)
        {
            return null;
        }

        var held = _roots.GetOrAdd(target.Root, opened);
        if (held != opened) opened.Dispose();
        return held;
    }

    private SafeRoot RequiredRoot(Target target, bool create = false) =>
        Root(target, create) ?? throw new DirectoryNotFoundException($"there is no folder '{target.Root}'");

    private static T Guard<T>(string operation, Target target, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FailureException(Unavailable(target), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, operation, target.Display), e);
        }
    }

    private static Failure Unavailable(Target target) => new(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{target.Root} is not there.",
        "Mount the NAS, or mend the root in the configuration; the next run tries again.");

    private static FailureException NotAFile(Target target) => new(new Failure(
        FailureClass.Conflict,
        "TargetIsNotAFile",
        $"{target} is taken by something that is no regular file.",
        "Move it away, or give the artifact another name with `as:`."));
}
