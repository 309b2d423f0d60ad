using System.Text;
using NasSync.Config;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Templates;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// Recognizes the outputs folder from run to run. A folder that is not mounted looks like one whose jobs are all gone. So a run stops at once if the
/// folder is missing, is empty and on another file system than before, or has lost its marker. NasSync writes nothing into the folder; the marker
/// exists only if someone has created it.
/// </summary>
internal sealed class OutputsPlace
{
    /// <summary>The marker's name: a file with any content. Once a run has seen it, later runs expect it.</summary>
    public const string MarkerName = ReservedName.Prefix + "source";

    /// <summary>The code of the failure that stops the run.</summary>
    public const string UnavailableCode = "SourceUnavailable";

    private const int MarkerBytes = 256;
    private readonly string _path;
    private readonly FolderIdentity _identity;

    private OutputsPlace(string path, FolderIdentity identity) => (_path, _identity) = (path, identity);

    /// <summary>Replaces the system's answer for a folder's file system in tests.</summary>
    public delegate FolderIdentity? Identify(string path);

    /// <summary>Where it is.</summary>
    public string Path => _path;

    /// <summary>The outputs folder, if a request reads from it; null when it does not, or none is configured.</summary>
    /// <exception cref="FailureException">It is not the folder that it was (class Unavailable).</exception>
    public static OutputsPlace? Of(SyncRequest request, SyncConfig config, Ledger ledger, TimeProvider time, Identify? identify = null)
    {
        if (config.OutputsDir is not { } path || !IsAbout(request, path)) return null;
        if (MountTable.UnmountedAbove(path) is { } point) throw MountMissing(path, point);
        if ((identify ?? FolderIdentity.Of)(path) is not { } now) throw Missing(path);
        var marker = MarkerOf(path);
        var known = ledger.Source(path);
        if (known is { Marker: { Length: > 0 } mark } && mark != marker) throw MarkerMissing(path, there: marker.Length > 0);
        if (known is null || marker != known.Marker || known.FileSystem != now.ToString())
        {
            var holdsJobs = ManifestFinder.Find(path).Any();
            if (known is not null && !holdsJobs && !FolderIdentity.Parse(known.FileSystem).IsOnSameFileSystem(now)) throw Another(path, known, now);

            // An empty folder is not remembered, because it may be the mount point of a file system that is not mounted.
            if (!request.DryRun && (holdsJobs || marker.Length > 0))
                ledger.RememberSource(path, new RecordedPlace(marker, now.ToString()), time.GetUtcNow());
        }

        return new OutputsPlace(path, now);
    }

    /// <summary>Must be called at the end: if the folder went away meanwhile, the run has not seen all of it.</summary>
    /// <exception cref="FailureException">The path does not lead to the same folder any more (class Unavailable).</exception>
    public void RequireStillThere(Identify? identify = null)
    {
        if ((identify ?? FolderIdentity.Of)(_path) is { } now && (now.Device, now.Inode) == (_identity.Device, _identity.Inode)) return;
        throw new FailureException(new Failure(
            FailureClass.Unavailable,
            UnavailableCode,
            $"The outputs folder {_path} went away or was replaced during the run; not all of its jobs were seen.",
            "Mount it again, or let it be; the next run looks at all of it."));
    }

    private static bool IsAbout(SyncRequest request, string outputs)
    {
        var named = request.Paths
            .Concat(request.Manifests.Select(manifest => manifest.Path))
            .Concat(request.Decisions.Select(decision => decision.Manifest.Path))
            .Concat(request.Failures.Select(failure => failure.ManifestPath ?? outputs))
            .ToList();
        return named.Count == 0 || named.Exists(path => IsAtOrBelow(System.IO.Path.GetFullPath(path), outputs.TrimEnd('/')));
    }

    private static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] is '/' or '\\');

    private static string MarkerOf(string path)
    {
        try
        {
            using var root = SafeRoot.Open(path);
            using var file = root.OpenRead(RelativePath.Parse(MarkerName), out _);
            Span<byte> content = stackalloc byte[MarkerBytes];
            var text = Encoding.UTF8.GetString(content[..RandomAccess.Read(file, content, 0)]).Trim();
            return text.Length > 0 ? text : "(empty)";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException)
        {
            return "";
        }
    }

    private static FailureException Missing(string path) => Unavailable(
        $"The outputs folder {path} is not there; nothing was done.",
        "Mount it, create it, or correct outputsDir; the next run tries again.");

    private static FailureException MountMissing(string path, string point) => Unavailable(
        $"The outputs folder {path} lies at the mount point {point}, and nothing is mounted there; nothing was done.",
        "Mount it, or take it out of the table of file systems (/etc/fstab); the next run tries again.");

    private static FailureException MarkerMissing(string path, bool there) => Unavailable(
        $"The outputs folder {path} has {(there ? "another" : "no")} "
            + $"{MarkerName}{(there ? " than before" : ", though it had one before")}; nothing was done.",
        "Mount the right disk. If this folder is the right one, run: nassync source accept");

    private static FailureException Another(string path, RecordedPlace known, FolderIdentity now) => Unavailable(
        $"The outputs folder {path} holds no jobs and lies on another file system than before "
            + $"({now.Shown}, not {FolderIdentity.Parse(known.FileSystem).Shown}); nothing was done.",
        "Mount the right one. If this folder is the right one, run: nassync source accept");

    private static FailureException Unavailable(string message, string hint) =>
        new(new Failure(FailureClass.Unavailable, UnavailableCode, message, hint));
}
