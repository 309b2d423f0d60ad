using System.Runtime.InteropServices;

namespace NasSync.Files;

/// <summary>
/// Checks what NasSync needs of a Linux system: without OpenSSL the runtime aborts the process at the first hash; without <c>/dev/urandom</c> or
/// <c>/proc</c> single calls fail with errors that hide the cause. Ordinary systems and containers have all of it.
/// </summary>
public static class SystemNeeds
{
    /// <summary>The failure code for a missing OpenSSL.</summary>
    public const string OpenSslMissingCode = "OpenSslMissing";

    /// <summary>The failure code for anything else that is missing.</summary>
    public const string IncompleteCode = "SystemIncomplete";

    // In the runtime's search order; the version that an administrator chose comes first.
    private static readonly string[] OpenSslVersions = ["3", "1.1", "1.0.2", "1.0.0", "10"];

    /// <summary>The first thing that is missing; null when the system is complete.</summary>
    public static Failure? Missing()
    {
        if (!OperatingSystem.IsLinux()) return null;
        var chosen = Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE");
        return Missing(
            [.. OpenSslVersions.Prepend(chosen).OfType<string>().Select(version => $"libssl.so.{version}")],
            ["/dev/urandom", "/proc/self/fd"]);
    }

    /// <summary>The same, given libraries of which one must load, and paths of which all must exist.</summary>
    internal static Failure? Missing(IReadOnlyList<string> libraries, IReadOnlyList<string> paths)
    {
        if (!libraries.Any(library => NativeLibrary.TryLoad(library, typeof(SystemNeeds).Assembly, null, out _)))
            return new Failure(
                FailureClass.Config,
                OpenSslMissingCode,
                "Checksums need the system's OpenSSL library (libssl.so.3 and libcrypto.so.3), and none can be loaded.",
                "Install it: 'apt install libssl3' (Debian, Ubuntu), 'apk add libssl3' (Alpine), 'dnf install openssl-libs' (RHEL, Fedora).");
        if (paths.FirstOrDefault(path => !Path.Exists(path)) is not { } path) return null;
        return new Failure(
            FailureClass.Config,
            IncompleteCode,
            $"{path} is not there, so that NasSync cannot run here.",
            "Mount /proc and /dev, as every system and every container has them; a chroot gets them by 'mount --bind'.");
    }
}
