using System.Text;
using NasSync.Processes;

namespace NasSync.Destinations.Rsync;

/// <summary>
/// A private folder of this process for rsync's lists, links and fetched files. It is locked while in use, so that the next process can recognize and
/// remove what a dead one left.
/// </summary>
/// <param name="folder">Our folder, created when missing; null: the machine's temp path, where no folder of others is touched.</param>
internal sealed class RsyncStaging(string? folder) : IDisposable
{
    private const string Prefix = "nassync-rsync-";
    private const string LockSuffix = ".lock";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly object _gate = new();
    private FileStream? _lock;
    private string? _folder;
    private string? _empty;
    private int _number;

    /// <summary>A folder that is always empty.</summary>
    public string Empty
    {
        get
        {
            var own = Folder;
            lock (_gate) return _empty ??= Make(Path.Combine(own, "empty")) + "/";
        }
    }

    /// <summary>A new folder for one use.</summary>
    public Box Open() =>
        new(Make(Path.Combine(Folder, Interlocked.Increment(ref _number).ToString(System.Globalization.CultureInfo.InvariantCulture))));

    /// <summary>The path for a new file of blocks; the caller creates and removes the file.</summary>
    public string NewFile() => Path.Combine(Folder, $"spool-{Interlocked.Increment(ref _number)}");

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_folder is null) return;
            Remove(_folder);
            _lock!.Dispose();
            File.Delete(_folder + LockSuffix);
            _folder = null;
        }
    }

    /// <summary>The private folder itself, created and locked at first use.</summary>
    public string Folder
    {
        get
        {
            lock (_gate)
            {
                if (_folder is not null) return _folder;
                var root = folder ?? Path.GetTempPath();
                if (folder is not null) Directory.CreateDirectory(root);
                var made = Path.Combine(root, Prefix + Guid.NewGuid().ToString("N"));
                _lock = new FileStream(made + LockSuffix, FileMode.CreateNew, FileAccess.Write, FileShare.None);
                return _folder = Make(made);
            }
        }
    }

    /// <summary>Removes the private folders below <paramref name="root"/> whose processes are gone.</summary>
    public static void RemoveDead(string root)
    {
        if (!Directory.Exists(root)) return;
        foreach (var file in Directory.EnumerateFiles(root, Prefix + "*" + LockSuffix))
        {
            try
            {
                using var dead = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None);
                Remove(file[..^LockSuffix.Length]);
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The owner is running, or is another user.
            }
        }
    }

    private static string Make(string folder) =>
        (OperatingSystem.IsWindows() ? Directory.CreateDirectory(folder) : Directory.CreateDirectory(folder, Private)).FullName;

    // Removes links without following them.
    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing in it is needed; the next process tries again.
        }
    }

    /// <summary>A folder for one use; disposing removes it.</summary>
    internal sealed class Box(string folder) : IDisposable
    {
        private readonly string _tree = folder + "/tree/";

        /// <summary>The folder that lists are relative to, with a slash at its end.</summary>
        public string Tree
        {
            get
            {
                Directory.CreateDirectory(_tree);
                return _tree;
            }
        }

        /// <summary>Like <see cref="Tree"/>, for lists that are relative to a daemon's module.</summary>
        public string ModuleTree => Directory.CreateDirectory(folder + "/module").FullName + "/";

        /// <summary>The local path of a listed path.</summary>
        public string At(RelativePath path) => _tree + path.Value;

        /// <summary>Creates a symbolic link from a path to a file.</summary>
        public void Link(RelativePath path, string file)
        {
            MakeParent(path);
            File.CreateSymbolicLink(At(path), file);
        }

        /// <summary>Creates the folders above a path.</summary>
        public void MakeParent(RelativePath path) => Directory.CreateDirectory(path.Parent is { } parent ? Tree + parent.Value : Tree);

        /// <summary>Writes a list. The prefix <c>./</c> keeps rsync from taking a name for a comment.</summary>
        public string List(IEnumerable<string> paths)
        {
            var file = $"{folder}/list-{Guid.NewGuid():N}";
            using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            foreach (var path in paths) stream.Write(Encoding.UTF8.GetBytes($"./{path}\0"));
            return file;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Remove(folder);
            CrashPoint.Reach(CrashPoint.RsyncCleaned);
        }
    }
}
