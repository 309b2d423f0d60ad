using System.Globalization;
using System.Text.RegularExpressions;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// The older log files beside the current one: <c>nas-sync.20260114T120000Z.jsonl</c>. A file is set aside by one rename, so a crash leaves it
/// under its old or its new name and loses no line.
/// </summary>
/// <param name="file">The log file, as a full path; a link is followed.</param>
/// <param name="keep">The number of older files to keep.</param>
internal sealed class LogsSetAside(string file, int keep)
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const int MostTries = 100;

    /// <summary>Sets the log file aside and removes the oldest files above the number to keep.</summary>
    /// <param name="now">The time for the name. The name is always later than all others, so that their order stays right when the clock is set
    /// back.</param>
    /// <exception cref="IOException">It cannot be renamed, or an old one cannot be removed.</exception>
    public void Take(DateTimeOffset now)
    {
        var path = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        using var root = SafeRoot.Open(Path.GetDirectoryName(path)!);
        using var folder = root.OpenFolder(null, create: false);
        var older = Older(folder, path);
        var time = older.Count > 0 && older[^1].Time >= now ? older[^1].Time.AddSeconds(1) : now;
        for (var tries = 1; !folder.Rename(Path.GetFileName(path), NameAt(path, time), replace: false); time = time.AddSeconds(1), tries++)
        {
            // Another process has taken the name at the same moment.
            if (tries == MostTries) throw new IOException($"all names for older log files are taken, up to {NameAt(path, time)}");
        }

        foreach (var (name, _) in older.SkipLast(keep - 1)) folder.Unlink(name);
    }

    private static List<(string Name, DateTimeOffset Time)> Older(SafeFolder folder, string path)
    {
        var (stem, extension) = (Regex.Escape(Path.GetFileNameWithoutExtension(path)), Regex.Escape(Path.GetExtension(path)));
        var form = new Regex($@"^{stem}\.(\d{{8}}T\d{{6}}Z){extension}\z", RegexOptions.CultureInvariant);
        var found = new List<(string Name, DateTimeOffset Time)>();
        foreach (var (name, _) in folder.Files())
        {
            if (form.Match(name) is { Success: true } match
                && DateTimeOffset.TryParseExact(
                    match.Groups[1].Value,
                    TimeFormat,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var time))
                found.Add((name, time));
        }

        found.Sort((one, other) => one.Time.CompareTo(other.Time));
        return found;
    }

    private static string NameAt(string path, DateTimeOffset time) =>
        $"{Path.GetFileNameWithoutExtension(path)}.{time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}{Path.GetExtension(path)}";
}
