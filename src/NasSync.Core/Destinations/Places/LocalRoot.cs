using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Processes;

namespace NasSync.Destinations.Places;

/// <summary>
/// The root folder of a place, opened once and held, and handed out only while it is the right folder. A NAS that is not mounted leaves an empty
/// folder behind; copies there would fill the wrong disk, and the next mount would hide them. So the first copy to a place writes a marker, and from
/// then on nothing is read from or written to a folder without it.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="memory">Remembers places; null: no marker is checked or written.</param>
/// <param name="open">Opens the folder; tests pass another kind of root.</param>
internal sealed class LocalRoot(string path, IPlaceMemory? memory, Func<string, SafeRoot>? open = null) : IDisposable
{
    private readonly Func<string, SafeRoot> _open = open ?? SafeRoot.Open;
    private static readonly RelativePath Marker = RelativePath.Parse(PlaceMarker.Name);
    private readonly object _gate = new();

    // Running calls may still use these handles, so they are closed at the end.
    private readonly List<SafeRoot> _opened = [];
    private SafeRoot? _held;
    private bool _isMarked;

    // Every file at a missing folder leads here; the mount tables are read only once.
    private bool _isMountSeen;

    /// <summary>Mode and owner of the folders created there, including the root; null: the process's umask decides.</summary>
    public Rights? NewFolders { get; init; }

    /// <summary>The root for reading; null when the folder does not exist and is not recorded.</summary>
    /// <exception cref="FailureException">The folder is not the recorded one (class Unavailable).</exception>
    public SafeRoot? ForReading() => Open(create: false);

    /// <summary>
    /// The root in which a file is taken for a copy: it is marked and remembered as by a first copy, where that is possible, since the ledger will
    /// believe the copy; null when the folder does not exist and is not recorded.
    /// </summary>
    /// <exception cref="FailureException">The folder is not the recorded one (class Unavailable).</exception>
    public SafeRoot? ForAdopting() => Open(create: false, adopts: true);

    /// <summary>The root for writing; the first copy creates and marks it.</summary>
    /// <exception cref="FailureException">The folder is not the recorded one, or a mount is missing (class Unavailable).</exception>
    public SafeRoot ForWriting() => Open(create: true)!;

    /// <summary>
    /// The topmost folder that the first copy would create; null when the root exists or is recorded. Acceptance is no record: the intended disk may
    /// be absent just now.
    /// </summary>
    public string? ToMake()
    {
        if (memory is null || Directory.Exists(path) || memory.Find(path) is not null) return null;
        var top = Path.TrimEndingDirectorySeparator(path);
        while (Path.GetDirectoryName(top) is { } above && !Directory.Exists(above)) top = above;
        return top;
    }

    /// <summary>Fails unless the path still leads to the held folder and its marker; checked again right before a copy gets its final name.</summary>
    public void RequireStillThere()
    {
        lock (_gate)
        {
            if (_held is null || IsSame(_held)) return;
            _held = null;
            throw NotMounted();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _opened.ForEach(root => root.Dispose());

    private SafeRoot? Open(bool create, bool adopts = false)
    {
        lock (_gate)
        {
            if (_held is not null && (!(create || adopts) || _isMarked || memory is null))
            {
                if (IsSame(_held)) return _held;
                _held = null;
            }

            var known = memory?.Find(path);
            var mayBeNew = known is null && memory?.MayMark(path) != false;
            if ((_held ?? TryOpen(create && mayBeNew, isKnown: known is not null)) is not { } root)
                return mayBeNew ? null : throw (known is null ? Unknown() : NotMounted());
            (_held, _isMarked) = (root, known is { Marker.Length: > 0 });
            try
            {
                if (known is { Marker.Length: > 0 }) Require(known, root);
                else if (!mayBeNew && MarkerOf(root) is null) throw known is null ? Unknown() : NotMounted();
                else if (create && memory is not null) Mark(root, memory);
                else if (adopts && memory is not null) TryMark(root, memory);
                return root;
            }
            catch
            {
                _held = null;
                throw;
            }
        }
    }

    // A recorded folder proves itself by its marker; for any other, only the mount tables tell whether it is the one below a mount.
    private SafeRoot? TryOpen(bool create, bool isKnown)
    {
        if (!isKnown && (create || !_isMountSeen) && MountTable.UnmountedAbove(path) is { } point) throw MountMissing(point);
        if (!isKnown && (create || !_isMountSeen) && Dangling() is { } link) throw LeadsNowhere(link);
        _isMountSeen = true;
        try
        {
            var root = create ? SafeRoot.OpenOrCreate(path, _open, NewFolders) : _open(path);
            root.NewFolders = NewFolders;
            _opened.Add(root);
            return root;
        }
        catch (DirectoryNotFoundException) when (!create)
        {
            return null;
        }
    }

    private bool IsSame(SafeRoot held) => held.IsStillThere() && (!_isMarked || held.Stat(Marker) is not null);

    private void Require(RecordedPlace known, SafeRoot root)
    {
        var marker = MarkerOf(root);
        if (marker is null) throw NotMounted();
        if (marker.Length == 0) throw Illegible();
        if (marker != known.Marker) throw Another("another marker than");
        if (known.FileSystem != RecordedPlace.AnyFileSystem && MountTable.FileSystemOf(path) is { } now && now != known.FileSystem)
            throw Another($"a file system of type {now}, not {known.FileSystem}, unlike");
    }

    // A marker that a power failure or a disk repair emptied identifies no folder, so it is written again.
    private void Mark(SafeRoot root, IPlaceMemory places)
    {
        var marker = MarkerOf(root) is { Length: > 0 } there ? there : PlaceMarker.Write(root);
        CrashPoint.Reach(CrashPoint.LocalMarked);
        places.Remember(path, new RecordedPlace(marker, MountTable.FileSystemOf(path) ?? RecordedPlace.AnyFileSystem));
        _isMarked = true;
    }

    // A folder in which nothing can be written gets no further copies either.
    private void TryMark(SafeRoot root, IPlaceMemory places)
    {
        try
        {
            Mark(root, places);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _isMarked = false;
        }
    }

    // The failure must name the marker, not the file of the copy.
    private string? MarkerOf(SafeRoot root)
    {
        try
        {
            return PlaceMarker.Read(root);
        }
        catch (FailureException e) when (e.Failure.Code is "NotAFile" or "EscapesJob")
        {
            throw new FailureException(
                new Failure(
                    FailureClass.Conflict,
                    "TargetIsNotAFile",
                    $"{ShownMarker}, by which the folder is known again, is no regular file; nothing was written.",
                    "Put the file back that was there; where the place is new, remove what stands there, and the first copy makes the marker."),
                e);
        }
        catch (Exception e) when (e is (IOException and not DirectoryNotFoundException) or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "read", ShownMarker), e);
        }
    }

    private string ShownMarker => $"{path.TrimEnd('/')}/{PlaceMarker.Name}";

    private FailureException NotMounted() => new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{path} is not the folder that was copied to before: it is missing, or has no {PlaceMarker.Name}; nothing was written.",
        $"Mount the NAS; the next run tries again. If the place was set up again on purpose, run: nassync destination accept {Failure.Quote(path)}"));

    private FailureException Illegible() => new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{ShownMarker}, by which the folder is known again, is damaged: it holds no id; nothing was written.",
        $"Look at the disk. If this folder is the right one, run: nassync destination accept {Failure.Quote(path)}; the "
            + "next copy creates the marker again."));

    private FailureException Unknown() => memory?.EmptiedAbove(path) is { } emptied ? Emptied(emptied) : new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{path} is missing, or has no {PlaceMarker.Name}, and the ledger that knew whether it had one was lost; nothing was written.",
        $"Mount the NAS; the next run tries again. If this folder is the right one, run: nassync destination accept {Failure.Quote(path)}"));

    private FailureException Emptied(EmptiedFolder emptied) => new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{path} would be new in {emptied.Path}, which is empty although {emptied.Known} was copied to before: "
            + "what was mounted there is missing; nothing was written.",
        $"Mount the NAS; the next run tries again. If a new folder is right there, run: nassync destination accept {Failure.Quote(path)}"));

    private FailureException Another(string what) => new(new Failure(
        FailureClass.Unavailable,
        "DestinationReplaced",
        $"{path} has {what} the folder that was copied to before: another disk is mounted there; nothing was written.",
        $"Mount the right one. If the new one is meant, run: nassync destination accept {Failure.Quote(path)}"));

    // The first name on the path, from the end, that is a link and leads nowhere.
    private (string Link, string Target)? Dangling()
    {
        for (var above = Path.TrimEndingDirectorySeparator(path); above is not null && !Directory.Exists(above); above = Path.GetDirectoryName(above))
            if (new FileInfo(above) is { LinkTarget: { } target } link && link.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true })
                return (above, target);
        return null;
    }

    private FailureException LeadsNowhere((string Link, string Target) found) => new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{path} is not there: {found.Link} is a symbolic link to {Failure.Quote(found.Target)}, which does not exist; nothing was written.",
        "Mount what the link leads to, or correct the link; the next run tries again."));

    private FailureException MountMissing(string point) => new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{path} lies at the mount point {point}, and nothing is mounted there; nothing was written.",
        "Mount it, or take it out of the table of file systems (/etc/fstab); the next run tries again."));
}
