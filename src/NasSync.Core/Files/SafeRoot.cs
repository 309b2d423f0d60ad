using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// A held folder below which every open, create, rename, unlink and fsync happens. No relative path escapes it, whatever symbolic links it contains
/// and however the tree changes meanwhile: on Linux the kernel resolves each path beneath the held handle (<c>openat2</c> with
/// <c>RESOLVE_BENEATH</c>); elsewhere each component is checked before use.
/// </summary>
internal abstract class SafeRoot : IDisposable
{
    private protected SafeRoot(string fullPath) => FullPath = fullPath;

    /// <summary>The path of the folder, as given.</summary>
    public string FullPath { get; }

    /// <summary>Mode and ownership of folders created below; null leaves them to the process's umask.</summary>
    public Rights? NewFolders { get; set; }

    /// <summary>Whether <see cref="OpenItself"/> followed a link to the folder.</summary>
    public bool IsLinked { get; protected init; }

    /// <summary>Device and inode of the held folder; null where the platform has no such numbers.</summary>
    public virtual (ulong Device, ulong Inode)? Numbers => null;

    /// <summary>Opens an existing folder.</summary>
    /// <exception cref="IOException">The path does not exist or is not a folder; <c>HResult</c> says which.</exception>
    public static SafeRoot Open(string fullPath) =>
        OperatingSystem.IsLinux() ? LinuxSafeRoot.OpenAt(fullPath) : PortableSafeRoot.OpenAt(fullPath);

    /// <summary>
    /// Opens a folder that an untrusted party may have made. When its last name is a symbolic link, the link is not followed, even if it is swapped
    /// in at any moment; the folders above it are trusted, as whoever named the path chose them.
    /// </summary>
    /// <param name="fullPath">The folder.</param>
    /// <param name="mayBeLink">True follows a link all the same and sets <see cref="IsLinked"/>.</param>
    /// <exception cref="FailureException">The name is a link, and links are not allowed (class Escape).</exception>
    /// <exception cref="IOException">The path does not exist or is not a folder; <c>HResult</c> says which.</exception>
    public static SafeRoot OpenItself(string fullPath, bool mayBeLink = false) =>
        OperatingSystem.IsLinux() ? LinuxSafeRoot.OpenItself(fullPath, mayBeLink) : PortableSafeRoot.OpenItself(fullPath, mayBeLink);

    /// <summary>Opens a folder and creates it and its parents when missing.</summary>
    /// <param name="fullPath">The folder.</param>
    /// <param name="open">Opens the folder; null uses <see cref="Open"/>.</param>
    /// <param name="rights">Mode and ownership of each created folder; null leaves them to the process's umask.</param>
    public static SafeRoot OpenOrCreate(string fullPath, Func<string, SafeRoot>? open = null, Rights? rights = null)
    {
        open ??= Open;
        try
        {
            return open(fullPath);
        }
        catch (DirectoryNotFoundException)
        {
            Folders.CreateDurably(fullPath, rights);
            return open(fullPath);
        }
    }

    /// <summary>
    /// Whether the path still leads to the held folder: false after an unmount, after a mount over it, and when another folder took its name.
    /// </summary>
    public abstract bool IsStillThere();

    /// <summary>Stats a file; null when it does not exist. Follows a link only to a place below the root.</summary>
    /// <exception cref="FailureException">The path leads out of the root (class Escape).</exception>
    public abstract FileStat? Stat(RelativePath path);

    /// <summary>Opens a regular file for reading. Never blocks: a FIFO is refused, not waited for.</summary>
    /// <exception cref="FailureException">The path leads out of the root, or names no regular file.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public abstract SafeFileHandle OpenRead(RelativePath path, out FileStat stat);

    /// <summary>
    /// Opens a regular file directly in the root whose name is not a link, not even to a place below the root. Does not open other types.
    /// </summary>
    /// <exception cref="FailureException">The name is a link (class Escape) or not a regular file.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public abstract SafeFileHandle OpenOwn(string name, out FileStat stat);

    /// <summary>
    /// Whether any process may be writing an open file of the root. After <see cref="Writers.None"/> this stays so until the file is closed, as far
    /// as the system can hold writers back.
    /// </summary>
    public abstract Writers WritersOf(RelativePath path, SafeFileHandle file);

    /// <summary>Whether no process has begun to write a file since <see cref="WritersOf"/> returned <see cref="Writers.None"/>.</summary>
    public abstract bool IsStillUnwritten(SafeFileHandle file);

    /// <summary>Throws unless a stat shows a regular file. Does not open the file: opening a device may have side effects.</summary>
    /// <exception cref="FailureException">The file is not a regular one (code NotAFile).</exception>
    public void RequireRegular(RelativePath path, FileStat stat)
    {
        if (stat.Kind != FileKind.Regular) throw NotRegular(path, stat.Kind);
    }

    /// <summary>Opens a folder below the root (null: the root itself); creates missing folders durably when asked to.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder is missing and was not to be created.</exception>
    public abstract SafeFolder OpenFolder(RelativePath? path, bool create);

    /// <inheritdoc/>
    public abstract void Dispose();

    private protected FailureException Escapes(RelativePath path) => new(new Failure(
        FailureClass.Escape,
        "EscapesJob",
        $"'{path}' leads out of {FullPath} through a symbolic link.",
        "Put the file itself below the folder, or point the configuration at the folder that really holds it."));

    private protected FailureException NotRegular(RelativePath path, FileKind kind) => new(new Failure(
        FailureClass.Invalid,
        "NotAFile",
        $"'{path}' in {FullPath} is {Describe(kind)}, not a regular file.",
        "Let the manifest name a regular file."));

    /// <summary>The failure for a job folder whose name is a symbolic link.</summary>
    private protected static FailureException IsLink(string fullPath) => new(new Failure(
        FailureClass.Escape,
        "EscapesJob",
        $"{Show(fullPath)} is a symbolic link, not a job folder; it was not followed.",
        "Put the job folder itself there, or find out who made the link; where links to job folders are meant, set followJobLinks: true."));

    /// <summary>Throws when a name directly in the root is not a regular file.</summary>
    private protected void RequireOwn(string name, FileKind kind)
    {
        if (kind == FileKind.Regular) return;
        throw new FailureException(kind == FileKind.Link
            ? new Failure(
                FailureClass.Escape,
                "EscapesJob",
                $"{Show($"{FullPath}/{name}")} is a symbolic link; it was not followed.",
                "Put the file itself there, and find out who made the link.")
            : new Failure(
                FailureClass.Invalid,
                "NotAFile",
                $"{Show($"{FullPath}/{name}")} is {Describe(kind)}, not a regular file; it was not opened.",
                "Put a regular file there, and find out who made this."));
    }

    private static string Show(string path) => path.Any(char.IsControl) ? Failure.Quote(path) : path;

    private static string Describe(FileKind kind) => kind switch
    {
        FileKind.Folder => "a folder",
        FileKind.Link => "a dangling link",
        _ => "a FIFO, socket or device",
    };
}
