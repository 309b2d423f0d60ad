using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>A held folder. Every operation takes a single name directly in it, never a path, and follows no link.</summary>
internal abstract class SafeFolder : IDisposable
{
    /// <summary>Stats a name without following a link; null when it does not exist.</summary>
    public abstract FileStat? Stat(string name);

    /// <summary>Mode, owner and attributes of a regular file; null when there is none, or the platform does not report them.</summary>
    public virtual FileTraits? TraitsOf(string name) => null;

    /// <summary>The regular files in the folder, without part files and without names that <see cref="RelativePath"/> cannot represent.</summary>
    public IEnumerable<(string Name, FileStat Stat)> Files()
    {
        foreach (var name in Names())
        {
            if (name.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal) || !RelativePath.TryParse(name, out _, out _)) continue;
            if (Stat(name) is { Kind: FileKind.Regular } stat) yield return (name, stat);
        }
    }

    /// <summary>The regular files in the folder with the suffix of part files.</summary>
    public IEnumerable<(string Name, FileStat Stat)> Parts()
    {
        foreach (var name in Names().Where(name => name.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal)))
            if (Stat(name) is { Kind: FileKind.Regular } stat) yield return (name, stat);
    }

    /// <summary>
    /// All entries of the folder, of any type, without those that vanish during the listing. An entry whose name is not UTF-8 counts as special,
    /// because it cannot be examined.
    /// </summary>
    public IEnumerable<(string Name, FileStat Stat)> Everything()
    {
        foreach (var name in AllNames("").ToList())
        {
            if (Stat(name) is { } stat) yield return (name, stat);
            else if (UnreadableNames.MayBe(name)) yield return (name, new FileStat(FileKind.Special, default, 1, 0));
        }
    }

    /// <summary>The subfolders whose names begin with a prefix.</summary>
    public IReadOnlyList<string> Folders(string prefix) => [.. AllNames(prefix).ToList().Where(name => Stat(name) is { Kind: FileKind.Folder })];

    /// <summary>Opens a subfolder, which must not be a link.</summary>
    /// <exception cref="IOException">The name does not exist or is not a folder.</exception>
    public abstract SafeFolder OpenSubfolder(string name);

    /// <summary>Opens a regular file in the folder for reading; it must not be a link. Never blocks.</summary>
    /// <exception cref="IOException">The name does not exist or is not a regular file.</exception>
    public abstract SafeFileHandle OpenRead(string name);

    /// <summary>Moves a file or folder into another folder of the same file system, where the new name must be free.</summary>
    /// <returns>False when the name is taken; nothing was changed in that case.</returns>
    public abstract bool MoveTo(string name, SafeFolder folder, string newName);

    /// <summary>The names of the part files in the folder.</summary>
    public IEnumerable<string> PartNames() => Names().Where(name => name.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal));

    /// <summary>Creates a file for reading and writing; removes a leftover of that name first.</summary>
    public abstract SafeFileHandle CreateNew(string name);

    /// <summary>Gives a file its final name. Without <paramref name="replace"/> an existing entry of that name stays untouched.</summary>
    /// <returns>False when the name is taken and may not be replaced.</returns>
    public abstract bool Rename(string from, string to, bool replace);

    /// <summary>Removes a file; a missing one is no error.</summary>
    public abstract void Unlink(string name);

    /// <summary>Removes an empty subfolder; does nothing when it is missing or not empty, or the name is not a folder.</summary>
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
