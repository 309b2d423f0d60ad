using System.Diagnostics;

namespace NasSync.Tests.Support;

/// <summary>A small file system, mounted for one test and unmounted after it. Needs <c>[RequiresFact("mount")]</c> or <c>"xfs"</c>.</summary>
internal sealed class Mounted : IDisposable
{
    private readonly TempFolder _temp = new();
    private bool _isMounted;

    private Mounted(string? at = null) => Path = at ?? _temp.MakeFolder("mnt");

    public string Path { get; }

    /// <summary>A file system in memory, mounted at a new folder or at an existing one.</summary>
    public static Mounted Tmpfs(string size, string? at = null) => new Mounted(at).Mount("-t", "tmpfs", "-o", $"size={size}", "tmpfs");

    /// <summary>A bind mount of a folder or file at an existing path, which then cannot be renamed or removed.</summary>
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

    /// <summary>A folder mounted by sshfs from a local SFTP server, without a network. Also needs <c>sshfs</c> and <c>/dev/fuse</c>.</summary>
    public static Mounted Sshfs()
    {
        var mounted = new Mounted();
        var server = mounted._temp.WriteScript("server", "#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n");
        Run("sshfs", "-o", $"ssh_command={server}", $"host:{mounted._temp.MakeFolder("far")}", mounted.Path);
        mounted._isMounted = true;
        return mounted;
    }

    /// <summary>Unmounts the file system, even if files on it are open.</summary>
    public void Detach()
    {
        if (!_isMounted) return;
        _isMounted = false;

        // Lazy unmount: a test that fails with an open file must report its own error, not one from this clean-up.
        Run("umount", "-l", Path);
    }

    /// <summary>Tells that the test has unmounted it itself.</summary>
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
