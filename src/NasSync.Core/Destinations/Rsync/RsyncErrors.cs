using System.Globalization;
using System.Text.RegularExpressions;
using NasSync.Failures;

namespace NasSync.Destinations.Rsync;

/// <summary>rsync's error output by lines, each with the path that it names and the system's error number where it has them.</summary>
internal sealed partial class RsyncErrors
{
    /// <summary>ENOENT: the name does not exist.</summary>
    public const int NoEntry = 2;

    /// <summary>ENOTDIR: the name lies below something that is not a folder.</summary>
    public const int NoFolder = 20;

    private readonly List<Line> _lines = [];

    /// <param name="text">The whole error output.</param>
    /// <param name="roots">The folders that names are relative to, here and at the target.</param>
    public RsyncErrors(string text, IReadOnlyList<string> roots)
    {
        var known = roots.Select(root => root.TrimEnd('/')).OrderByDescending(root => root.Length).ToList();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // The last lines state the verdict of the run, not an error of a file.
            var isVerdict = line.StartsWith("rsync error:", StringComparison.Ordinal) || line.StartsWith("rsync warning:", StringComparison.Ordinal);
            if (isVerdict) continue;
            _lines.Add(new Line(line, PathOf(line) is { } named ? Below(named, known) : null, ErrnoOf(line)));
        }
    }

    /// <summary>The first error number; null when no line has one.</summary>
    public int? FirstErrno => _lines.Select(line => line.Errno).FirstOrDefault(errno => errno is not null);

    /// <summary>Whether a line contains these words.</summary>
    public bool Says(string words) => _lines.Exists(line => line.Text.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Whether the other side could not enter the target's folder. Over ssh it reports this and closes the connection, so that the local rsync ends
    /// with 12.
    /// </summary>
    public bool SaysRootCannotBeEntered => Says("change_dir \"");

    /// <summary>The first line as the end of a sentence; empty when there was no output.</summary>
    public string Said() => _lines.Count == 0 ? "" : $": rsync says {Failure.Quote(RsyncText.Unescape(_lines[0].Text) ?? _lines[0].Text)}";

    /// <summary>The failure of one file, from its own line or from that of a folder above it; null when no line concerns it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="operation">The attempted operation, as a verb.</param>
    /// <param name="shown">The file, for people.</param>
    public Failure? Of(RelativePath path, string operation, string shown)
    {
        for (var above = path; above is not null; above = above.Parent)
            if (_lines.Find(line => line.Path is { } named && Means(named, above)) is { } line) return FailureOf(line, operation, shown);
        return null;
    }

    /// <summary>Whether a line says that the file, or a folder above it, does not exist.</summary>
    public bool Misses(RelativePath path) => _lines.Exists(line => line.Errno is NoEntry or NoFolder && line.Path is { } named && Means(named, path));

    /// <summary>Whether a line says that the file was listed but gone when it was to be read.</summary>
    public bool Vanished(RelativePath path) => _lines.Exists(line => IsVanished(line) && line.Path is { } named && Means(named, path));

    private static bool IsVanished(Line line) => line.Text.StartsWith("file has vanished", StringComparison.Ordinal);

    private const string InPartial = RsyncFlags.PartialFolder + "/";
    private const int TooManyLinks = 40;

    private static Failure FailureOf(Line line, string operation, string shown)
    {
        if (IsVanished(line) && operation != "write")
            return new Failure(
                FailureClass.Transient,
                "NotFound",
                $"Cannot {operation} {Failure.Quote(shown)}: it was listed there, and could not be opened then ('file has vanished').",
                "It is tried again; if it stays, let `path` of the daemon's module be the target's folder itself, "
                    + "or set 'use chroot = yes' for the module.");
        if (IsVanished(line))
            return new Failure(
                FailureClass.Gone,
                "SourceVanished",
                $"The source of {Failure.Quote(shown)} vanished while it was sent.",
                "Run again when the producer has finished.");
        if (line.Text.Contains("failed verification", StringComparison.Ordinal))
            return new Failure(
                FailureClass.Transient,
                "CopyCorrupt",
                $"{Failure.Quote(shown)} did not arrive as it was sent; rsync discarded it.",
                "It is tried again; if it stays, test the memory and the network.");
        if (line.Text.Contains("could not make way", StringComparison.Ordinal)
            || line.Text.Contains("cannot delete non-empty", StringComparison.Ordinal))
            return new Failure(
                FailureClass.Conflict,
                "IsAFolder",
                $"Cannot {operation} {Failure.Quote(shown)}: a folder stands where a file is expected.",
                "Rename or remove the folder, or choose another target.");
        return line.Errno switch
        {
            TooManyLinks => EscapesRoot(operation, shown),
            NoEntry => new Failure(
                FailureClass.Transient,
                "NotFound",
                $"Cannot {operation} {Failure.Quote(shown)}: it, or a folder above it, is not there.",
                "It is tried again; if it stays, check the target in the configuration."),
            { } errno => SystemFailure.FromErrno(errno, darwin: false, operation, shown),
            null => new Failure(
                FailureClass.Transient,
                "RsyncError",
                $"Cannot {operation} {Failure.Quote(shown)}: rsync says {Failure.Quote(RsyncText.Unescape(line.Text))}.",
                "It is tried again; if it stays, look at the target."),
        };
    }

    /// <summary>The failure of a file with a symbolic link on its path.</summary>
    public static Failure EscapesRoot(string operation, string shown) => new(
        FailureClass.Escape,
        "EscapesRoot",
        $"Cannot {operation} {Failure.Quote(shown)}: a symbolic link stands where a folder of the target is expected.",
        "Replace the link by a folder, or point the target at the folder it leads to.");

    /// <summary>Whether a line reports an error that concerns none of the files.</summary>
    public bool SaysMoreThan(IReadOnlyCollection<RelativePath> paths) =>
        _lines.Exists(line => line.Errno is not null && !(line.Path is { } named && paths.Any(path => MeansOrAbove(named, path))));

    /// <summary>The folder in which a missing name was looked for; null when no line mentions the name.</summary>
    public static string? RootOf(string text, string name) => text.Split('\n')
        .Select(PathOf)
        .Where(path => path is not null && path.EndsWith('/' + name, StringComparison.Ordinal))
        .Select(path => path![..^(name.Length + 1)])
        .FirstOrDefault();

    private static bool MeansOrAbove(string named, RelativePath path)
    {
        for (var above = path; above is not null; above = above.Parent)
            if (Means(named, above)) return true;
        return false;
    }

    // rsync names a file by its full path, or relative to the target's root.
    private static string? Below(string named, List<string> roots)
    {
        if (!named.StartsWith('/')) return named;
        var root = roots.Find(root => named.StartsWith(root + "/", StringComparison.Ordinal));
        return root is null ? null : named[(root.Length + 1)..];
    }

    // While a file is being written, rsync names it by its temporary name.
    private static bool Means(string named, RelativePath path)
    {
        named = named.StartsWith(InPartial, StringComparison.Ordinal)
            ? named[InPartial.Length..]
            : named.Replace("/" + InPartial, "/", StringComparison.Ordinal);
        if (named == path.Value) return true;
        var folder = path.Parent is { } parent ? parent.Value + "/" : "";
        var slash = named.LastIndexOf('/') + 1;
        var temporary = named[slash..];
        if (temporary.Length < 8 || temporary[0] != '.' || temporary[^7] != '.') return false;

        // rsync cuts long names to make room for the suffix.
        var stem = temporary[1..^7];
        return stem.Length > 0
            && path.FileName.StartsWith(stem, StringComparison.Ordinal)
            && (stem.Length == path.FileName.Length || stem.Length > 200 / 3)
            && named[..slash] == folder;
    }

    // rsync does not escape quotes in names, so only the first and the last quote count; of a rename, the second name counts.
    private static string? PathOf(string line)
    {
        string path;
        var (first, last) = (line.IndexOf('"'), line.LastIndexOf('"'));
        if (first >= 0 && last > first)
        {
            path = line[(first + 1)..last];
            var arrow = path.IndexOf("\" -> \"", StringComparison.Ordinal);
            if (arrow >= 0) path = path[(arrow + 6)..];
        }
        else if (line.LastIndexOf(": ", StringComparison.Ordinal) is var colon and > 0)
        {
            path = line[(colon + 2)..];
        }
        else
        {
            return null;
        }

        return RsyncText.Unescape(path);
    }

    private static int? ErrnoOf(string line) =>
        ErrnoPattern().Match(line) is { Success: true } match
            ? int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)
            : null;

    [GeneratedRegex(@"\((\d{1,4})\)$", RegexOptions.CultureInvariant)]
    private static partial Regex ErrnoPattern();

    private sealed record Line(string Text, string? Path, int? Errno);
}
