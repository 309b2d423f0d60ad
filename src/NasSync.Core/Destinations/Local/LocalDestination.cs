using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>
/// A folder of this machine, a mounted NAS among them. The root is opened once, with the first call that finds it, and held. Calls do their work
/// on the caller's thread: file system calls cannot be awaited, and pretending costs more than it saves.
/// </summary>
internal sealed class LocalDestination(string root, TimeProvider time) : IDestination, IRemovesFolders
{
    private readonly object _gate = new();
    private SafeRoot? _root;
    private Capabilities? _capabilities;

    /// <inheritdoc/>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) =>
        Guard("probe", root, () => _capabilities ??= LocalProbe.Of(Root(create: true)!, root));

    /// <inheritdoc/>
    public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) => Guard("look at", Shown(path), () =>
    {
        if (Root(create: false)?.Stat(path) is not { } stat) return (FileState?)null;
        return stat.Kind == FileKind.Regular ? stat.State : throw NotAFile(path);
    });

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in await Guard("list", folder is null ? root : Shown(folder), () => List(folder)).ConfigureAwait(false)) yield return entry;
    }

    /// <inheritdoc/>
    public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
        Guard<(string, VerifiedBy)?>("read", Shown(path), () =>
        {
            try
            {
                if (Root(create: false) is not { } held) return null;
                using var file = OpenRead(held, path, out _);
                return (FileHash.FromMedium(file), VerifiedBy.ReadBack);
            }
            catch (FileNotFoundException)
            {
                return null;
            }
        });

    /// <inheritdoc/>
    public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken) =>
        Guard<IWriteSession>("create", Shown(request.Path), () =>
        {
            var folder = Root(create: true)!.OpenFolder(request.Path.Parent, create: true);
            try
            {
                return new LocalWriteSession(request, Shown(request.Path), new AtomicFile(folder, request.Path.FileName, request.Fingerprint), time);
            }
            catch
            {
                folder.Dispose();
                throw;
            }
        });

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, CancellationToken cancellationToken) =>
        Guard("make durable", Shown(path), () =>
        {
            var held = Root(create: false) ?? throw new DirectoryNotFoundException();
            using var file = OpenRead(held, path, out var stat);
            OpenFiles.Fsync(file);
            using var folder = held.OpenFolder(path.Parent, create: false);
            folder.Fsync();
            return new CommitReceipt
            {
                Size = stat.State.Size,
                Sha256 = sha256,
                VerifiedBy = VerifiedBy.ReadBack,
                Durability = LocalWriteSession.Durable,
                CommittedAt = time.GetUtcNow(),
                Target = stat.State,
            };
        });

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        await Guard("remove", Shown(path), () =>
        {
            try
            {
                using var folder = Root(create: false)?.OpenFolder(path.Parent, create: false);
                folder?.Unlink(path.FileName);
                folder?.Fsync();
                return true;
            }
            catch (DirectoryNotFoundException)
            {
                // Without the folder there is no file.
                return false;
            }
        }).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RemoveEmptyFolderAsync(RelativePath folder, CancellationToken cancellationToken) =>
        await Guard("remove", Shown(folder), () =>
        {
            try
            {
                using var above = Root(create: false)?.OpenFolder(folder.Parent, create: false);
                above?.RemoveEmptyFolder(folder.FileName);
            }
            catch (DirectoryNotFoundException)
            {
                // What is in no folder is not there.
            }

            return true;
        }).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _root?.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<DestinationEntry> List(RelativePath? folder)
    {
        try
        {
            using var open = Root(create: false)?.OpenFolder(folder, create: false);
            return open is null ? [] : [.. open.Files().Select(file => new DestinationEntry(Below(folder, file.Name), file.Stat.State))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static RelativePath Below(RelativePath? folder, string name) =>
        folder is null ? RelativePath.Parse(name) : folder.Combine(RelativePath.Parse(name));

    // What stands in the way here is the destination's, whoever's manifest names it.
    private SafeFileHandle OpenRead(SafeRoot held, RelativePath path, out FileStat stat)
    {
        try
        {
            return held.OpenRead(path, out stat);
        }
        catch (FailureException e) when (e.Failure.Code == "NotAFile")
        {
            throw NotAFile(path);
        }
    }

    private SafeRoot? Root(bool create)
    {
        lock (_gate)
        {
            if (_root is not null) return _root;
            try
            {
                return _root = create ? SafeRoot.OpenOrCreate(root) : SafeRoot.Open(root);
            }
            catch (DirectoryNotFoundException) when (!create)
            {
                return null;
            }
        }
    }

    private string Shown(RelativePath path) => $"{root.TrimEnd('/')}/{path}";

    private ValueTask<T> Guard<T>(string operation, string shown, Func<T> call)
    {
        try
        {
            return ValueTask.FromResult(call());
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FailureException(Unavailable(), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, operation, shown), e);
        }
    }

    private Failure Unavailable() => new(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{root} is not there.",
        "Mount the NAS, or mend the root in the configuration; the next run tries again.");

    private FailureException NotAFile(RelativePath path) => new(new Failure(
        FailureClass.Conflict,
        "TargetIsNotAFile",
        $"{Shown(path)} is taken by something that is no regular file.",
        "Move it away, or give the artifact another name with `as:`."));
}
