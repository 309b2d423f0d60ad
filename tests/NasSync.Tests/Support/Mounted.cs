using System.Diagnostics;

namespace NasSync.Tests.Support;

/// <summary>A small file system of its own, mounted for one test and unmounted after it. Needs <c>[RequiresFact("mount")]</c> or <c>"xfs"</c>.</summary>
internal sealed class Mounted : IDisposable
{
    private readonly TempFolder _temp = new();

    private Mounted() => Path = _temp.MakeFolder("mnt");

    public string Path { get; }

    public static Mounted Tmpfs(string size) => new Mounted().Mount("-t", "tmpfs", "-o", $"size={size}", "tmpfs");

    /// <summary>XFS with reflinks on a loop device; 300 MiB is the least that mkfs.xfs takes.</summary>
    public static Mounted Xfs()
    {
        var mounted = new Mounted();
        var image = mounted._temp["image"];
        using (var file = new FileStream(image, FileMode.Create)) file.SetLength(320L << 20);
        Run("mkfs.xfs", "-q", "-m", "reflink=1", image);
        return mounted.Mount("-o", "loop", image);
    }

    public void Dispose()
    {
        // Lazily: a test that fails with a file open must show its own error, not one of the clean-up.
        Run("umount", "-l", Path);
        _temp.Dispose();
    }

    private Mounted Mount(params string[] arguments)
    {
        Run("mount", [.. arguments, Path]);
        return this;
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: {error}");
    }
}
