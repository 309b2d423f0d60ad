using System.Text;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Scheduling;

namespace NasSync.Installing;

/// <summary>A folder of systemd units, in which only NasSync's own are touched.</summary>
/// <param name="path">The folder, as a full path; created when the first unit is written.</param>
internal sealed class UnitFolder(string path)
{
    // A unit is about a page long; a longer file is not NasSync's.
    private const int LongestUnit = 256 * 1024;

    /// <summary>The full path of a unit.</summary>
    public string PathOf(string name) => Path.Combine(path, name);

    /// <summary>The text of a unit; null when there is none.</summary>
    /// <exception cref="FailureException">NasSync did not write the unit, or it cannot be read.</exception>
    public string? Read(string name)
    {
        var text = ReadAny(name);
        if (text is null || UnitFile.IsOurs(text)) return text;
        throw new FailureException(new Failure(
            FailureClass.Conflict,
            "UnitNotOurs",
            $"{PathOf(name)} was not written by NasSync and was left as it is.",
            "Choose another name, or move the file away."));
    }

    /// <summary>The units that NasSync wrote.</summary>
    public IReadOnlyList<UnitFile> Ours()
    {
        if (!Directory.Exists(path)) return [];
        return Guard("list", path, () => Directory.EnumerateFiles(path)
            .Where(file => file.EndsWith(".service", StringComparison.Ordinal) || file.EndsWith(".timer", StringComparison.Ordinal))
            .Select(file => new UnitFile(Path.GetFileName(file), ReadAny(Path.GetFileName(file)) ?? ""))
            .Where(unit => UnitFile.IsOurs(unit.Text))
            .OrderBy(unit => unit.Name, StringComparer.Ordinal)
            .ToList());
    }

    /// <summary>Writes a unit atomically.</summary>
    /// <exception cref="FailureException">A foreign unit has this name, or the unit cannot be written.</exception>
    public void Write(UnitFile unit)
    {
        _ = Read(unit.Name);
        Guard("write", PathOf(unit.Name), () =>
        {
            using var root = SafeRoot.OpenOrCreate(path);
            var replaces = root.Stat(RelativePath.Parse(unit.Name))?.State;
            using var file = new AtomicFile(root.OpenFolder(null, create: false), unit.Name, Guid.NewGuid().ToString());
            RandomAccess.Write(file.Handle, Encoding.UTF8.GetBytes(unit.Text), 0);
            OpenFiles.Fsync(file.Handle);
            return file.Commit(replaces) ? true : throw new IOException("it was made or changed by someone else meanwhile");
        });
    }

    /// <summary>Removes a unit that NasSync wrote; a missing one is no error.</summary>
    public void Remove(string name)
    {
        if (Read(name) is not null) Guard("remove", PathOf(name), () =>
        {
            using var root = SafeRoot.Open(path);
            using var folder = root.OpenFolder(null, create: false);
            folder.Unlink(name);
            folder.Fsync();
            return true;
        });
    }

    private string? ReadAny(string name) => Guard("read", PathOf(name), () =>
    {
        var file = new FileInfo(PathOf(name));
        if (!file.Exists) return null;

        // A masked unit is a link to /dev/null, and aliases are links too: none of them is NasSync's.
        if (file.LinkTarget is not null || file.Length > LongestUnit) return "";
        using var reader = new StreamReader(NamedFile.OpenRead(file.FullName));
        return reader.ReadToEnd();
    });

    private static T Guard<T>(string operation, string item, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, operation, item), e);
        }
    }
}
