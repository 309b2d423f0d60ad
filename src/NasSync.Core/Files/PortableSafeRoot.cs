using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// A root for systems without <c>openat2</c>, with managed calls only: each component is checked and links are refused. It cannot stop someone who
/// swaps a folder for a link between check and use; the output folders of untrusted producers belong on Linux.
/// </summary>
internal sealed class PortableSafeRoot : SafeRoot
{
    private PortableSafeRoot(string fullPath)
        : base(fullPath)
    {
    }

    public static PortableSafeRoot OpenAt(string fullPath) => Directory.Exists(fullPath)
        ? new PortableSafeRoot(fullPath)
        : throw new DirectoryNotFoundException($"cannot open folder '{fullPath}': there is none");

    /// <inheritdoc cref="SafeRoot.OpenItself"/>
    public static new PortableSafeRoot OpenItself(string fullPath, bool mayBeLink)
    {
        var isLinked = new DirectoryInfo(Path.TrimEndingDirectorySeparator(fullPath)).LinkTarget is not null;
        if (isLinked && !mayBeLink) throw IsLink(fullPath);
        if (!Directory.Exists(fullPath)) throw new DirectoryNotFoundException($"cannot open folder '{fullPath}': there is none");
        return new PortableSafeRoot(fullPath) { IsLinked = isLinked };
    }

    public override bool IsStillThere() => Directory.Exists(FullPath);

    public override FileStat? Stat(RelativePath path)
    {
        var stat = PortableStat.OfPath(Checked(path));
        return stat is { Kind: FileKind.Link } ? throw Escapes(path) : stat;
    }

    public override SafeFileHandle OpenRead(RelativePath path, out FileStat stat)
    {
        var full = Checked(path);
        var found = PortableStat.OfPath(full) ?? throw new FileNotFoundException($"cannot open '{full}': there is none", full);
        if (found.Kind == FileKind.Link) throw Escapes(path);
        if (found.Kind != FileKind.Regular) throw NotRegular(path, found.Kind);
        var handle = File.OpenHandle(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        stat = OpenFiles.Stat(handle);
        return handle;
    }

    public override SafeFileHandle OpenOwn(string name, out FileStat stat)
    {
        var full = Path.Combine(FullPath, name);
        var found = PortableStat.OfPath(full) ?? throw new FileNotFoundException($"cannot open '{full}': there is none", full);
        RequireOwn(name, found.Kind);
        var handle = File.OpenHandle(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stat = OpenFiles.Stat(handle);
        return handle;
    }

    public override Writers WritersOf(RelativePath path, SafeFileHandle file)
    {
        // Only Windows enforces sharing modes against writers.
        if (!OperatingSystem.IsWindows()) return Writers.Unknown;
        try
        {
            File.OpenHandle(Checked(path), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete).Dispose();
            return Writers.None;
        }
        catch (FileNotFoundException)
        {
            return Writers.Unknown;
        }
        catch (IOException)
        {
            return Writers.Some;
        }
    }

    public override bool IsStillUnwritten(SafeFileHandle file) => true;

    public override SafeFolder OpenFolder(RelativePath? path, bool create)
    {
        var full = path is null ? FullPath : Checked(path);
        if (path is not null && new DirectoryInfo(full).LinkTarget is not null) throw Escapes(path);
        if (!Directory.Exists(full))
        {
            if (!create) throw new DirectoryNotFoundException($"cannot open folder '{full}': there is none");
            Directory.CreateDirectory(full);
        }

        return new PortableSafeFolder(full);
    }

    public override void Dispose()
    {
    }

    private string Checked(RelativePath path)
    {
        var full = FullPath;
        foreach (var component in path.Components.SkipLast(1))
        {
            full = Path.Combine(full, component);
            if (new DirectoryInfo(full).LinkTarget is not null) throw Escapes(path);
        }

        return Path.Combine(full, path.FileName);
    }
}
