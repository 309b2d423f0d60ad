using NasSync.Files;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// The content of a finished job's folder: the manifest, the files it names, the subfolders, and anything else, which keeps the folder from being
/// removed.
/// </summary>
internal sealed class JobContent
{
    private readonly HashSet<string> _named;
    private readonly HashSet<string> _ways;
    private readonly List<(RelativePath Path, FileStat Stat)> _files = [];
    private readonly List<RelativePath> _folders = [];

    private JobContent(Manifest manifest)
    {
        _named = manifest.Artifacts.Select(artifact => artifact.Path).ToHashSet(StringComparer.Ordinal);
        _ways = manifest.Artifacts.SelectMany(artifact => Above(artifact.RelativePath)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The existing artifacts.</summary>
    public IReadOnlyList<(RelativePath Path, FileStat Stat)> Files => _files;

    /// <summary>The folders below the job's own, the deepest first.</summary>
    public IEnumerable<RelativePath> Folders => Enumerable.Reverse(_folders);

    /// <summary>Why the folder must be kept, as a clause; null when it may be removed.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>What to do about the obstacle; null when there is none.</summary>
    public string? Cure => Obstacle is null ? null
        : HoldsAnotherJob ? "Move the other job out of it; the next run looks again."
        : "Move or remove it, or name it in the manifest; the next run looks again.";

    /// <summary>Whether it contains another job, which must not be moved with it.</summary>
    public bool HoldsAnotherJob { get; private set; }

    /// <summary>Reads a job's folder recursively, without following links.</summary>
    public static JobContent Of(SafeFolder job, Manifest manifest)
    {
        var content = new JobContent(manifest);
        content.LookThrough(job, null);
        return content;
    }

    private void LookThrough(SafeFolder folder, RelativePath? at)
    {
        foreach (var (name, stat) in folder.Everything())
        {
            var shown = at is null ? name : $"{at}/{name}";
            if (!RelativePath.TryParse(shown, out var path, out _))
                Obstacle ??= $"it holds a file whose name cannot be written ({Failure.Quote(name)})";
            else if (stat.Kind == FileKind.Special && UnreadableNames.MayBe(name))
                Obstacle ??= $"it holds something whose name cannot be read ({Failure.Quote(shown)})";
            else if (stat.Kind == FileKind.Folder) Enter(folder, name, path);
            else if (name.Equals(ManifestFinder.FileName, StringComparison.OrdinalIgnoreCase) && at is not null)
                (HoldsAnotherJob, Obstacle) = (true, $"it holds another job ({Failure.Quote(at.Value)})");
            else if (stat.Kind != FileKind.Regular) Obstacle ??= $"it holds {Failure.Quote(shown)}, which is no regular file";
            else if (at is null && name == ManifestFinder.FileName) continue; // it goes last, also where it names itself
            else if (_named.Contains(shown)) _files.Add((path, stat));
            else Obstacle ??= $"it holds {Failure.Quote(shown)}, which its manifest does not name";
        }
    }

    private void Enter(SafeFolder folder, string name, RelativePath path)
    {
        _folders.Add(path);
        if (!_ways.Contains(path.Value)) Obstacle ??= $"it holds the folder {Failure.Quote(path.Value)}, which its manifest does not name";
        using var below = folder.OpenSubfolder(name);
        LookThrough(below, path);
    }

    private static IEnumerable<string> Above(RelativePath path)
    {
        for (var folder = path.Parent; folder is not null; folder = folder.Parent) yield return folder.Value;
    }
}
