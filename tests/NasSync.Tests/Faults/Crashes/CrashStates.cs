namespace NasSync.Tests.Faults.Crashes;

/// <summary>
/// Models what a disk keeps of a tree of files at a power cut. Written bytes may be lost until the file is synced; a created, renamed or removed
/// name may be lost until its folder is synced. From the system calls of a run, the model builds every state that a power cut may leave. It
/// assumes no more than POSIX promises: changes that are not synced may reach the disk in any order, even if this machine's file system does better.
/// </summary>
internal sealed class CrashStates
{
    private readonly string _root;
    private readonly Dictionary<string, Folder> _folders = new(StringComparer.Ordinal);

    // The current node of each path.
    private readonly Dictionary<string, Node> _now = new(StringComparer.Ordinal);

    /// <summary>Starts from the tree below a folder; all of it counts as durable.</summary>
    public CrashStates(string root)
    {
        _root = root;
        foreach (var folder in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Prepend(root)) _folders[folder] = new Folder();
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var node = new Node { Now = new(File.ReadAllBytes(file), File.GetLastWriteTimeUtc(file)) };
            node.Synced = node.Now;
            _now[file] = node;
            FolderOf(file).Synced[Path.GetFileName(file)] = node;
            FolderOf(file).Now[Path.GetFileName(file)] = node;
        }
    }

    /// <summary>Adds a system call of the program.</summary>
    public void Apply(SystemCall call)
    {
        switch (call.Name)
        {
            case "openat" or "openat2" when !_now.ContainsKey(call.Path):
                Name(call.Path, new Node());
                break;
            case "openat" or "openat2" when call.OfFolder:
                Change(call.Path, content => content with { Bytes = [] });
                break;
            case "write" or "pwrite64":
                Change(call.Path, content => content with { Bytes = Written(content.Bytes, call) });
                break;
            case "ftruncate":
                Change(call.Path, content => content with { Bytes = Resized(content.Bytes, call.Offset) });
                break;
            case "utimensat":
                Change(call.Path, content => content with { Mtime = DateTime.UnixEpoch.AddTicks(call.MtimeNs / 100) });
                break;
            case "fsync" or "fdatasync":
                if (_folders.TryGetValue(call.Path, out var folder)) folder.Synced = new(folder.Now);
                else if (_now.TryGetValue(call.Path, out var node)) node.Synced = node.Now;
                break;
            case "rename" or "renameat" or "renameat2":
                Name(call.To!, _now[call.Path]);
                Unname(call.Path);
                break;
            case "link" or "linkat":
                Name(call.To!, _now[call.Path]);
                break;
            case "mkdir" or "mkdirat":
                _folders[call.Path] = new Folder();
                break;
            case "unlink" or "unlinkat" when !call.OfFolder:
                Unname(call.Path);
                break;
        }
    }

    /// <summary>All states that a power cut may leave at this point.</summary>
    /// <param name="tops">The parts of the tree. In each part, all unsynced names are kept or lost together, and so are all unsynced
    /// contents.</param>
    public IEnumerable<CrashState> Possible(IReadOnlyList<string> tops)
    {
        for (var choice = 0; choice < 1 << (2 * tops.Count); choice++)
        {
            var files = new SortedDictionary<string, Content>(StringComparer.Ordinal);
            foreach (var (path, folder) in _folders)
            {
                var top = Math.Max(0, tops.ToList().FindIndex(top => path == top || path.StartsWith(top + "/", StringComparison.Ordinal)));
                var (names, contents) = ((choice >> (2 * top)) % 2 == 1, (choice >> ((2 * top) + 1)) % 2 == 1);
                foreach (var (name, node) in names ? folder.Now : folder.Synced) files[Path.Join(path, name)] = contents ? node.Now : node.Synced;
            }

            yield return new CrashState(_root, [.. _folders.Keys], files);
        }
    }

    private static byte[] Written(byte[] bytes, SystemCall call)
    {
        var offset = call.Offset < 0 ? bytes.Length : call.Offset;
        var grown = Resized(bytes, Math.Max(bytes.Length, offset + call.Data.Length));
        call.Data.CopyTo(grown, offset);
        return grown;
    }

    private static byte[] Resized(byte[] bytes, long size)
    {
        var sized = new byte[size];
        bytes.AsSpan(0, (int)Math.Min(size, bytes.Length)).CopyTo(sized);
        return sized;
    }

    private void Change(string path, Func<Content, Content> change)
    {
        if (_now.TryGetValue(path, out var node)) node.Now = change(node.Now);
    }

    private void Name(string path, Node node)
    {
        _now[path] = node;
        FolderOf(path).Now[Path.GetFileName(path)] = node;
    }

    private void Unname(string path)
    {
        _now.Remove(path);
        FolderOf(path).Now.Remove(Path.GetFileName(path));
    }

    private Folder FolderOf(string path) => _folders[Path.GetDirectoryName(path)!];

    private sealed class Node
    {
        public Content Now { get; set; } = Content.None;

        public Content Synced { get; set; } = Content.None;
    }

    private sealed class Folder
    {
        public Dictionary<string, Node> Now { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Node> Synced { get; set; } = new(StringComparer.Ordinal);
    }

    /// <summary>A file's bytes and time.</summary>
    internal sealed record Content(byte[] Bytes, DateTime Mtime)
    {
        /// <summary>The content of a file that was just created.</summary>
        public static Content None { get; } = new([], DateTime.UnixEpoch);
    }
}

/// <summary>A tree of files after a power cut.</summary>
/// <param name="Root">The tree's top.</param>
/// <param name="Folders">Every folder.</param>
/// <param name="Files">Every file.</param>
internal sealed record CrashState(string Root, IReadOnlyList<string> Folders, IReadOnlyDictionary<string, CrashStates.Content> Files)
{
    /// <summary>A hash that is the same for equal states.</summary>
    public string Key =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Files.Select(file =>
            $"{file.Key} {file.Value.Mtime.Ticks} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(file.Value.Bytes))}")))));

    /// <summary>Rewrites the real tree to this state.</summary>
    public void Restore()
    {
        Directory.Delete(Root, recursive: true);
        foreach (var folder in Folders) Directory.CreateDirectory(folder);
        foreach (var (path, content) in Files)
        {
            File.WriteAllBytes(path, content.Bytes);
            File.SetLastWriteTimeUtc(path, content.Mtime);
        }
    }
}
