using System.Text;

namespace NasSync.Files;

/// <summary>One line of the mount table.</summary>
/// <param name="Point">The mount point.</param>
/// <param name="Type">The file system type, such as <c>nfs4</c>.</param>
/// <param name="Source">What is mounted, such as <c>nas:/export</c> or <c>/dev/sda1</c>.</param>
internal sealed record Mount(string Point, string Type, string Source);

/// <summary>What should be mounted according to fstab, and what is mounted.</summary>
internal static class MountTable
{
    private const string Wanted = "/etc/fstab";
    private const string Mounted = "/proc/self/mountinfo";

    /// <summary>
    /// The mount point at or above a path that fstab names and where nothing is mounted now; null when there is none, and on systems without these
    /// tables. Folders created there would fill the disk below the mount point, and the mount would hide them later.
    /// </summary>
    public static string? UnmountedAbove(string fullPath)
    {
        try
        {
            return File.Exists(Wanted) && File.Exists(Mounted) ? UnmountedAbove(fullPath, File.ReadLines(Wanted), File.ReadLines(Mounted)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The tables are only a hint; the marker file is the proof.
            return null;
        }
    }

    /// <summary>
    /// The type of the file system that holds a path; null where the system does not report it, as in a chroot that is not a mount point.
    /// </summary>
    public static string? FileSystemOf(string path)
    {
        try
        {
            return new DriveInfo(path).DriveFormat;
        }
        catch (DriveNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The type of the mount that holds a full path without links, such as <c>nfs4</c>; null when unknown.</summary>
    public static string? TypeAt(string fullPath) => At(fullPath)?.Type;

    /// <summary>The mount that holds a full path without links; null when unknown.</summary>
    public static Mount? At(string fullPath)
    {
        try
        {
            return File.Exists(Mounted) ? At(fullPath, File.ReadLines(Mounted)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The same for the lines of <c>/proc/self/mountinfo</c>.</summary>
    internal static string? TypeAt(string fullPath, IEnumerable<string> mounted) => At(fullPath, mounted)?.Type;

    /// <inheritdoc cref="TypeAt(string, IEnumerable{string})"/>
    internal static Mount? At(string fullPath, IEnumerable<string> mounted)
    {
        Mount? found = null;
        foreach (var line in mounted)
        {
            // 36 35 98:0 /root /mount/point options optional… - type source options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash < 0 || dash + 1 >= fields.Length) continue;
            var point = Unescape(fields[4]);

            // Of two mounts on the same mount point, the later hides the earlier.
            if (point.Length < (found?.Point.Length ?? 0) || !IsAtOrBelow(fullPath, point)) continue;
            found = new Mount(point, fields[dash + 1], dash + 2 < fields.Length ? Unescape(fields[dash + 2]) : "");
        }

        return found;
    }

    /// <summary>The same for the lines of both tables.</summary>
    internal static string? UnmountedAbove(string fullPath, IEnumerable<string> wanted, IEnumerable<string> mounted)
    {
        var here = mounted.Select(line => Field(line, 4)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return wanted
            .Where(line => !line.TrimStart().StartsWith('#'))
            .Select(line => Field(line, 1))
            .OfType<string>()
            .Select(point => point.Length > 1 ? point.TrimEnd('/') : point)
            .Where(point => point.StartsWith('/') && point.Length > 1 && IsAtOrBelow(fullPath, point))
            .FirstOrDefault(point => !here.Contains(point));
    }

    private static bool IsAtOrBelow(string path, string point) =>
        point == "/" || (path.StartsWith(point, StringComparison.Ordinal) && (path.Length == point.Length || path[point.Length] == '/'));

    private static string? Field(string line, int number)
    {
        var fields = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > number ? Unescape(fields[number]) : null;
    }

    // Both tables escape a space, a tab, a newline and a backslash as three octal digits.
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal)) return field;
        var text = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && field.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                text.Append((char)Convert.ToInt32(field.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
