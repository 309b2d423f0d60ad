using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Processes;

namespace NasSync.Destinations.Places;

/// <summary>
/// The root folder of a place, opened once and held, and given out only while it is the folder it should be. A NAS that is not mounted leaves an
/// empty folder behind, and copies that went there would fill the wrong disk and be hidden by the next mount. So the first copy to a place
/// leaves a marker there, and from then on nothing is read from or written to a folder without it.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="memory">Where places are remembered; null: it is taken as it is, and gets no marker.</param>
/// <param name="open">Opens the folder; tests choose another kind of root.</param>
internal sealed class LocalRoot(string path, IPlaceMemory? memory, Func<string, SafeRoot>? open = null) : IDisposable
{
    private readonly Func<string, SafeRoot> _open = open ?? SafeRoot.Open;
    private static readonly RelativePath Marker = RelativePath.Parse(PlaceMarker.Name);
    private readonly object _gate = new();

    // Handles that calls under way may still use are closed at the end.
    private readonly List<SafeRoot> _opened = [];
    private SafeRoot? _held;
    private bool _isMarked;

    // A folder that is not there is asked for once for each file; the tables need not be read each time.
    private bool _isMountSeen;

    /// <summary>What folders are given that are made there, the root among them; null: as the process's umask says.</summary>
    public Rights? NewFolders { get; init; }

    /// <summary>The root for reading; null when the folder is not there and never was.</summary>
    /// <exception cref="FailureException">It is not the folder that is known (class Unavailable).</exception>
    public SafeRoot? ForReading() => Open(create: false);

    /// <summary>The root for writing; made, and marked, with the first copy.</summary>
    /// <exception cref="FailureException">It is not the folder that is known, or a mount is missing (class Unavailable).</exception>
    public SafeRoot ForWriting() => Open(create: true)!;

    /// <summary>
    /// The topmost folder that the first copy would make; null where the root is there, or is known. A root that somebody accepted is not known:
    /// the disk that was meant may be away just now.
    /// </summary>
    public string? ToMake()
    {
        if (memory is null || Directory.Exists(path) || memory.Find(path) is not null) return null;
        var top = Path.TrimEndingDirectorySeparator(path);
        while (Path.GetDirectoryName(top) is { } above && !Directory.Exists(above)) top = above;
        return top;
    }

    /// <summary>
    /// Fails unless the held folder is still what its path leads to, marker included: asked again right before a copy gets its name.
    /// </summary>
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

    private SafeRoot? Open(bool create)
    {
        lock (_gate)
        {
            if (_held is not null && (!create || _isMarked || memory is null))
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
                return root;
            }
            catch
            {
                _held = null;
                throw;
            }
        }
    }

    // A folder that is known has its marker as the proof; for any other the tables are all that tells whether it is the one below a mount.
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

    // A marker that a power cut or a repair of the disk emptied tells no folder from another.
    private void Mark(SafeRoot root, IPlaceMemory places)
    {
        var marker = MarkerOf(root) is { Length: > 0 } there ? there : PlaceMarker.Write(root);
        CrashPoint.Reach(CrashPoint.LocalMarked);
        places.Remember(path, new RecordedPlace(marker, MountTable.FileSystemOf(path) ?? RecordedPlace.AnyFileSystem));
        _isMarked = true;
    }

    // What is wrong with the marker is no matter of the file that is copied.
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
        $"Mount the NAS; the next run tries again. If the place was set up anew, run: nassync destination accept {Failure.Quote(path)}"));

    private FailureException Illegible() => new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{ShownMarker}, by which the folder is known again, is damaged: it holds no id; nothing was written.",
        $"Look at the disk. If this folder is the right one, run: nassync destination accept {Failure.Quote(path)}; the "
            + "next copy makes the marker anew."));

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

    // The first of the names on the way to the folder that is there, where it is a link and leads nowhere.
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
        "Mount what the link leads to, or mend the link; the next run tries again."));

    private FailureException MountMissing(string point) => new(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{path} lies at the mount point {point}, and nothing is mounted there; nothing was written.",
        "Mount it, or take it out of the table of file systems (/etc/fstab); the next run tries again."));
}
