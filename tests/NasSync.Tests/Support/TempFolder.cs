using NasSync.Destinations.Places;

namespace NasSync.Tests.Support;

/// <summary>A temporary folder for one test, removed with its content at the end.</summary>
internal sealed class TempFolder : IDisposable
{
    /// <summary>Makes the folder below <paramref name="below"/>, or below the machine's temp path.</summary>
    public TempFolder(string? below = null) =>
        Path = Directory.CreateDirectory(System.IO.Path.Combine(below ?? System.IO.Path.GetTempPath(), $"nassync-{Guid.NewGuid():N}")).FullName;

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>The full path of something below; creates nothing.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Creates a folder below and returns its full path.</summary>
    public string MakeFolder(string relative) => Directory.CreateDirectory(this[relative]).FullName;

    /// <summary>Writes a file below, creates the folders it needs, and returns its full path.</summary>
    public string Write(string relative, ReadOnlySpan<byte> content)
    {
        var path = this[relative];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(content);
        return path;
    }

    /// <inheritdoc cref="Write(string, ReadOnlySpan{byte})"/>
    public string Write(string relative, string content) => Write(relative, System.Text.Encoding.UTF8.GetBytes(content).AsSpan());

    /// <summary>Writes an executable script below and returns its full path.</summary>
    public string WriteScript(string relative, string text)
    {
        if (OperatingSystem.IsWindows()) return Write(relative, text);

        // Another process writes it: a process that a test starts right now inherits our open files, and a file that is open for writing cannot run.
        var path = this[relative];
        using var copy = System.Diagnostics.Process.Start("install", ["-D", "-m", "500", Write(relative + ".text", text), path]);
        copy.WaitForExit();
        File.Delete(path + ".text");
        return path;
    }

    /// <summary>
    /// All files below with their SHA-256, sorted, without the markers of places; equal lists mean equal trees. Nothing may write there meanwhile.
    /// </summary>
    public IReadOnlyList<(string Path, string Sha256)> Files(string relative = "")
    {
        var top = this[relative];
        if (!Directory.Exists(top)) return [];
        return [.. Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories)
            .Where(file => System.IO.Path.GetFileName(file) != PlaceMarker.Name)
            .Select(file => (System.IO.Path.GetRelativePath(top, file), Sha256Of(file)))
            .OrderBy(pair => pair.Item1, StringComparer.Ordinal)];
    }

    /// <summary>SHA-256 of a file, lower-case hex.</summary>
    public static string Sha256Of(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A symlink is removed, never followed. A folder that a test made unwritable is made writable, so that it can be removed.
        if (!OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess && Directory.Exists(Path))
            foreach (var folder in Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories).Prepend(Path).ToList())
                if (!new DirectoryInfo(folder).Attributes.HasFlag(FileAttributes.ReparsePoint))
                    File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (HoldsUnreadableNames) RemoveByShell();
        Remove();
    }

    // Repeated when a file appears meanwhile: a process that was just killed still finishes its current system call.
    private void Remove()
    {
        for (var tries = 1; Directory.Exists(Path); tries++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (tries < 100)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>Set by a test that creates names that are not UTF-8, which the runtime cannot remove.</summary>
    public bool HoldsUnreadableNames { get; set; }

    private void RemoveByShell()
    {
        using var rm = System.Diagnostics.Process.Start("rm", ["-rf", Path]);
        rm.WaitForExit();
    }
}
