using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// A held folder below which every open, create, rename, unlink and fsync happens. No relative path leaves it, whatever symlinks stand in
/// the way and however the tree changes meanwhile: on Linux the kernel resolves each path beneath the held handle
/// (<c>openat2</c> with <c>RESOLVE_BENEATH</c>), elsewhere each component is looked at before it is used.
/// </summary>
internal abstract class SafeRoot : IDisposable
{
    private protected SafeRoot(string fullPath) => FullPath = fullPath;

    /// <summary>The folder, as it was given.</summary>
    public string FullPath { get; }

    /// <summary>What folders are given that are made below; null: as the process's umask says.</summary>
    public Rights? NewFolders { get; set; }

    /// <summary>Whether a link was followed to it, as <see cref="OpenItself"/> was told to.</summary>
    public bool IsLinked { get; protected init; }

    /// <summary>Device and inode of the held folder; null where the platform has no such numbers.</summary>
    public virtual (ulong Device, ulong Inode)? Numbers => null;

    /// <summary>Opens a folder that must be there.</summary>
    /// <exception cref="IOException">It is not there or is no folder; <c>HResult</c> says which.</exception>
    public static SafeRoot Open(string fullPath) =>
        OperatingSystem.IsLinux() ? LinuxSafeRoot.OpenAt(fullPath) : PortableSafeRoot.OpenAt(fullPath);

    /// <summary>
    /// Opens a folder that others may have made. Its own name is not followed where it is a symbolic link, whatever it is swapped for and when; the
    /// folders above it are whoever's who named the path.
    /// </summary>
    /// <param name="fullPath">The folder.</param>
    /// <param name="mayBeLink">True: a link is followed all the same, and <see cref="IsLinked"/> says so.</param>
    /// <exception cref="FailureException">It is a link, and may be none (class Escape).</exception>
    /// <exception cref="IOException">It is not there or is no folder; <c>HResult</c> says which.</exception>
    public static SafeRoot OpenItself(string fullPath, bool mayBeLink = false) =>
        OperatingSystem.IsLinux() ? LinuxSafeRoot.OpenItself(fullPath, mayBeLink) : PortableSafeRoot.OpenItself(fullPath, mayBeLink);

    /// <summary>Opens a folder, made with its parents where it is missing.</summary>
    /// <param name="fullPath">The folder.</param>
    /// <param name="open">Opens it once it is there; null: <see cref="Open"/>.</param>
    /// <param name="rights">What each folder that is made is given; null: as the process's umask says.</param>
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
    /// Whether the path still leads to the folder that is held: false when it was unmounted, when something was mounted over it, and when
    /// another folder took its name.
    /// </summary>
    public abstract bool IsStillThere();

    /// <summary>Looks at a file; null when there is none. A link is followed only to a place below the root.</summary>
    /// <exception cref="FailureException">The path leads out of the root (class Escape).</exception>
    public abstract FileStat? Stat(RelativePath path);

    /// <summary>Opens a regular file for reading. Never waits: a FIFO is refused, not opened.</summary>
    /// <exception cref="FailureException">It leads out of the root, or is no regular file.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public abstract SafeFileHandle OpenRead(RelativePath path, out FileStat stat);

    /// <summary>
    /// Opens a regular file directly in the root whose name is no link, not even to a place below it. What is no file is not opened.
    /// </summary>
    /// <exception cref="FailureException">It is a link (class Escape), or no regular file.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public abstract SafeFileHandle OpenOwn(string name, out FileStat stat);

    /// <summary>
    /// Who may be writing an open file of the root. With <see cref="Writers.None"/> it stays so until the file is closed, as far as the system can
    /// hold writers back.
    /// </summary>
    public abstract Writers WritersOf(RelativePath path, SafeFileHandle file);

    /// <summary>Whether nobody has begun to write a file since <see cref="WritersOf"/> said that nobody does.</summary>
    public abstract bool IsStillUnwritten(SafeFileHandle file);

    /// <summary>Refuses what was looked at unless it is a regular file; it is not opened, since to open a device may set it going.</summary>
    /// <exception cref="FailureException">It is none (code NotAFile).</exception>
    public void RequireRegular(RelativePath path, FileStat stat)
    {
        if (stat.Kind != FileKind.Regular) throw NotRegular(path, stat.Kind);
    }

    /// <summary>Opens a folder below the root (null: the root itself); missing ones are made, durably, when asked.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not there, and was not to be made.</exception>
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

    /// <summary>What is said of a folder whose name is a link.</summary>
    private protected static FailureException IsLink(string fullPath) => new(new Failure(
        FailureClass.Escape,
        "EscapesJob",
        $"{Show(fullPath)} is a symbolic link, not a job folder; it was not followed.",
        "Put the job folder itself there, or find out who made the link; where links to job folders are meant, set followJobLinks: true."));

    /// <summary>Refuses a name directly in the root that is no regular file.</summary>
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
