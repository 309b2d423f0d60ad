using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>A held folder; every operation takes one name directly in it, never a path, and follows no link.</summary>
internal abstract class SafeFolder : IDisposable
{
    /// <summary>Looks at a name without following a link; null when there is none.</summary>
    public abstract FileStat? Stat(string name);

    /// <summary>What a regular file has besides its content; null when there is none, or the system does not tell.</summary>
    public virtual FileTraits? TraitsOf(string name) => null;

    /// <summary>The regular files directly in it, without part files and without names that no <see cref="RelativePath"/> can hold.</summary>
    public IEnumerable<(string Name, FileStat Stat)> Files()
    {
        foreach (var name in Names())
        {
            if (name.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal) || !RelativePath.TryParse(name, out _, out _)) continue;
            if (Stat(name) is { Kind: FileKind.Regular } stat) yield return (name, stat);
        }
    }

    /// <summary>The regular files directly in it that are named as part files are.</summary>
    public IEnumerable<(string Name, FileStat Stat)> Parts()
    {
        foreach (var name in Names().Where(name => name.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal)))
            if (Stat(name) is { Kind: FileKind.Regular } stat) yield return (name, stat);
    }

    /// <summary>
    /// Everything directly in it, whatever it is, without the entries that vanish meanwhile. What has a name that cannot be read is special: nobody
    /// can look at it.
    /// </summary>
    public IEnumerable<(string Name, FileStat Stat)> Everything()
    {
        foreach (var name in AllNames("").ToList())
        {
            if (Stat(name) is { } stat) yield return (name, stat);
            else if (UnreadableNames.MayBe(name)) yield return (name, new FileStat(FileKind.Special, default, 1, 0));
        }
    }

    /// <summary>The folders directly in it whose names begin with a text.</summary>
    public IReadOnlyList<string> Folders(string prefix) => [.. AllNames(prefix).ToList().Where(name => Stat(name) is { Kind: FileKind.Folder })];

    /// <summary>Opens a folder directly in it, which must be no link.</summary>
    /// <exception cref="IOException">It is not there, or is no folder.</exception>
    public abstract SafeFolder OpenSubfolder(string name);

    /// <summary>Opens a regular file directly in it for reading, which must be no link. Never waits.</summary>
    /// <exception cref="IOException">It is not there, or is no regular file.</exception>
    public abstract SafeFileHandle OpenRead(string name);

    /// <summary>Moves a file or folder into another folder of the same file system, where nothing may stand at the name.</summary>
    /// <returns>False when the name is taken there; nothing was changed then.</returns>
    public abstract bool MoveTo(string name, SafeFolder folder, string newName);

    /// <summary>The part files directly in it, by their names.</summary>
    public IEnumerable<string> PartNames() => Names().Where(name => name.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal));

    /// <summary>Makes a new file for reading and writing; a leftover of that name is removed first.</summary>
    public abstract SafeFileHandle CreateNew(string name);

    /// <summary>Gives a file its final name. With <paramref name="replace"/> false an existing name is an error and stays untouched.</summary>
    /// <returns>False when the name is taken and may not be replaced.</returns>
    public abstract bool Rename(string from, string to, bool replace);

    /// <summary>Removes a file; a missing one is no error.</summary>
    public abstract void Unlink(string name);

    /// <summary>Removes a folder directly in it that is empty; a missing one, a full one and what is no folder stay, and are no error.</summary>
    public abstract void RemoveEmptyFolder(string name);

    /// <summary>Makes the folder's entries durable.</summary>
    public abstract void Fsync();

    /// <inheritdoc/>
    public abstract void Dispose();

    private protected abstract IEnumerable<string> Names();

    private protected abstract IEnumerable<string> AllNames(string prefix);

    private protected static IEnumerable<string> AllNamesIn(string folder, string prefix) =>
        new FileSystemEnumerable<string>(
            folder,
            static (ref FileSystemEntry entry) => entry.FileName.ToString(),
            new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.FileName.StartsWith(prefix, StringComparison.Ordinal),
        };
}
