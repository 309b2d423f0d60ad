using System.Diagnostics;

namespace NasSync.Tests.Support;

/// <summary>A small file system of its own, mounted for one test and unmounted after it. Needs <c>[RequiresFact("mount")]</c> or <c>"xfs"</c>.</summary>
internal sealed class Mounted : IDisposable
{
    private readonly TempFolder _temp = new();
    private bool _isMounted;

    private Mounted(string? at = null) => Path = at ?? _temp.MakeFolder("mnt");

    public string Path { get; }

    /// <summary>A file system in memory, at a folder of its own or at one that is there.</summary>
    public static Mounted Tmpfs(string size, string? at = null) => new Mounted(at).Mount("-t", "tmpfs", "-o", $"size={size}", "tmpfs");

    /// <summary>Another folder or file, seen at one that is there; it cannot be renamed or removed there.</summary>
    public static Mounted Bind(string folder, string at) => new Mounted(at).Mount("--bind", folder);

    /// <summary>XFS with reflinks on a loop device; 300 MiB is the least that mkfs.xfs takes.</summary>
    public static Mounted Xfs()
    {
        var mounted = new Mounted();
        var image = mounted._temp["image"];
        using (var file = new FileStream(image, FileMode.Create)) file.SetLength(320L << 20);
        Run("mkfs.xfs", "-q", "-m", "reflink=1", image);
        return mounted.Mount("-o", "loop", image);
    }

    /// <summary>A folder seen through sshfs, whose other end is an SFTP server without a network. Needs <c>sshfs</c> and <c>/dev/fuse</c> too.</summary>
    public static Mounted Sshfs()
    {
        var mounted = new Mounted();
        var server = mounted._temp.Write("server", "#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n");
        Run("chmod", "+x", server);
        Run("sshfs", "-o", $"ssh_command={server}", $"host:{mounted._temp.MakeFolder("far")}", mounted.Path);
        mounted._isMounted = true;
        return mounted;
    }

    /// <summary>Takes the file system away from its folder, also from under open files.</summary>
    public void Detach()
    {
        if (!_isMounted) return;
        _isMounted = false;

        // Lazily: a test that fails with a file open must show its own error, not one of the clean-up.
        Run("umount", "-l", Path);
    }

    /// <summary>The test unmounted it itself.</summary>
    public void IsGone() => _isMounted = false;

    public void Dispose()
    {
        Detach();
        _temp.Dispose();
    }

    private Mounted Mount(params string[] arguments)
    {
        Run("mount", [.. arguments, Path]);
        _isMounted = true;
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
