using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using NasSync.Destinations.Places;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>
/// A folder of this machine, including a mounted NAS. Calls work on the caller's thread: file system calls have no asynchronous form, and moving them
/// to another thread costs more than it saves.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="time">The clock.</param>
/// <param name="places">Remembers the folder's marker; null: no marker is checked or written.</param>
/// <param name="open">Opens the folder; null means <see cref="SafeRoot.Open"/>.</param>
/// <param name="kept">Names that no sweep may remove; null when there is no ledger.</param>
/// <param name="rights">Mode and owner of new files and folders; null: the process's umask decides.</param>
internal sealed class LocalDestination(
    string root, TimeProvider time, IPlaceMemory? places = null, Func<string, SafeRoot>? open = null, KeptNames? kept = null, Rights? rights = null)
    : IDestination, IRemovesFolders, IRooted, IMakesRoot
{
    private readonly LocalRoot _root = new(root, places, open) { NewFolders = rights };
    private readonly LocalSweep _sweep = new(root, kept ?? KeptNames.None);
    private readonly StaleParts _stale = new(kept ?? KeptNames.None);
    private readonly FolderFlushes _flushes = new();
    private readonly WritableFolders _writable = new();
    private Capabilities? _capabilities;

    /// <inheritdoc/>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) =>
        Guard("probe", root, () => _capabilities ??= LocalProbe.Of(_root.ForWriting(), root));

    /// <inheritdoc/>
    public string Root => root;

    /// <inheritdoc/>
    public bool IsOnServer => false;

    /// <inheritdoc/>
    public ValueTask<RootState> LookAtRootAsync(CancellationToken cancellationToken) => Guard("list", root, () =>
    {
        if (_root.ForReading() is null) return RootState.Missing;
        try
        {
            return Directory.EnumerateFileSystemEntries(root).Any() ? RootState.Used : RootState.Empty;
        }
        catch (UnauthorizedAccessException)
        {
            return RootState.Used;
        }
    });

    /// <inheritdoc/>
    public ValueTask<string?> RootToMakeAsync(CancellationToken cancellationToken) => Guard("look at", root, () => _root.ToMake());

    /// <inheritdoc/>
    public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) => Guard("look at", path, () =>
    {
        if (_root.ForReading() is not { } held) return (FileState?)null;
        if (held.Stat(path) is not { } stat) return IsLink(held, path) ? throw NotAFile(path) : null;
        return stat.Kind == FileKind.Regular ? stat.State : throw NotAFile(path);
    });

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in await Guard("list", folder is null ? root : Shown(folder), () => List(folder)).ConfigureAwait(false))
            yield return entry;
    }

    /// <inheritdoc/>
    public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
        Guard<(string, VerifiedBy)?>("read", path, () =>
        {
            try
            {
                if (_root.ForReading() is not { } held) return null;
                using var file = OpenRead(held, path, out _);
                return (FileHash.FromMedium(file, cancellationToken), VerifiedBy.ReadBack);
            }
            catch (FileNotFoundException)
            {
                return null;
            }
        });

    /// <inheritdoc/>
    public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken) =>
        Guard<IWriteSession>("create", request.Path, () =>
        {
            var held = _root.ForWriting();
            _sweep.Note(held, request.Path.Parent);
            var folder = held.OpenFolder(request.Path.Parent, create: true);
            try
            {
                _stale.Remove(folder, request.Path, AtomicFile.PartName(request.Path.FileName, request.Fingerprint));
                return new LocalWriteSession(
                    request,
                    Shown(request.Path),
                    new AtomicFile(folder, request.Path.FileName, request.Fingerprint),
                    _flushes,
                    _root.RequireStillThere,
                    time,
                    rights);
            }
            catch
            {
                folder.Dispose();
                throw;
            }
        });

    /// <summary>
    /// Why a copy to the path would fail, found without making one; null where it would succeed, or where the system does not tell.
    /// </summary>
    public Failure? WhyNotWritable(RelativePath path) =>
        _writable.WhyNot(Shown(path)) is { } errno ? RootNotMade(SystemFailure.FromErrno(errno, "create", Shown(path))) : null;

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
        Guard("make durable", path, () =>
        {
            var held = _root.ForAdopting() ?? throw new DirectoryNotFoundException();
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
    public async ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) =>
        await Guard("tidy up beside", path, () =>
        {
            using var folder = _root.ForReading()?.OpenFolder(path.Parent, create: false);
            if (folder is not null) _stale.Remove(folder, path);
            return true;
        }).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        await Guard("remove", path, () =>
        {
            try
            {
                using var folder = _root.ForReading()?.OpenFolder(path.Parent, create: false);
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
        await Guard("remove", folder, () =>
        {
            try
            {
                using var above = _root.ForReading()?.OpenFolder(folder.Parent, create: false);
                above?.RemoveEmptyFolder(folder.FileName);
            }
            catch (DirectoryNotFoundException)
            {
                // Without the parent folder there is no folder to remove.
            }

            return true;
        }).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _sweep.Run(_root.ForReading);
        _root.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<DestinationEntry> List(RelativePath? folder)
    {
        try
        {
            using var open = _root.ForReading()?.OpenFolder(folder, create: false);
            return open is null ? [] : [.. open.Files().Select(file => new DestinationEntry(Below(folder, file.Name), file.Stat.State))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static RelativePath Below(RelativePath? folder, string name) =>
        folder is null ? RelativePath.Parse(name) : folder.Combine(RelativePath.Parse(name));

    // The failure must name the target, because the obstacle is at the destination, even if its name comes from a manifest.
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

    // A link that leads nowhere, or out of the root, occupies the name.
    private static bool IsLink(SafeRoot held, RelativePath path)
    {
        try
        {
            using var folder = held.OpenFolder(path.Parent, create: false);
            return folder.Stat(path.FileName) is { Kind: FileKind.Link };
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FailureException)
        {
            return false;
        }
    }

    private string Shown(RelativePath path) => $"{root.TrimEnd('/')}/{path}";

    private ValueTask<T> Guard<T>(string operation, RelativePath path, Func<T> call) => Guard(operation, Shown(path), () =>
    {
        try
        {
            return call();
        }
        catch (FailureException e) when (e.Failure.Code == "EscapesJob")
        {
            throw _root.ForReading() is { } held && IsLink(held, path) ? NotAFile(path) : Escapes(operation, path);
        }
    });

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
            throw new FailureException(RootNotMade(SystemFailure.FromException(e, operation, shown)), e);
        }
    }

    // A misspelt root usually lies in a folder where this account may not create anything. Then the path is wrong, not the permissions.
    private Failure RootNotMade(Failure failure)
    {
        if ((failure.Class != FailureClass.Permission && failure.Code != "NotFound") || Path.Exists(root)) return failure;
        var there = root;
        while (!Path.Exists(there) && Path.GetDirectoryName(there) is { } above) there = above;
        return failure with
        {
            Message = $"{root} is not there, and it cannot be made: nothing may be created in {there} by this account.",
            Hint = "Mount the NAS, or correct the root in the configuration; where it is to be new, make it, or give this account the right to.",
        };
    }

    private Failure Unavailable() => new(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{root} is not there.",
        "Mount the NAS, or correct the root in the configuration; the next run tries again.");

    private FailureException Escapes(string operation, RelativePath path) => new(new Failure(
        FailureClass.Escape,
        "EscapesRoot",
        $"Cannot {operation} {Failure.Quote(Shown(path))}: a symbolic link stands where a folder of the target is expected.",
        "Replace the link by a folder, or point the target at the folder it leads to."));

    private FailureException NotAFile(RelativePath path) => new(new Failure(
        FailureClass.Conflict,
        "TargetIsNotAFile",
        $"{Shown(path)} is taken by something that is no regular file.",
        "Move it away, or give the artifact another name with `as:`."));
}
