using System.Runtime.InteropServices;

namespace NasSync.Files;

/// <summary>
/// What a Linux system must have besides the program: without OpenSSL the runtime ends the process at the first hash, and without random numbers or
/// <c>/proc</c> single calls fail that say nothing of the cause. Usual systems and containers have all of it.
/// </summary>
public static class SystemNeeds
{
    /// <summary>The code of the failure that there is no OpenSSL.</summary>
    public const string OpenSslMissingCode = "OpenSslMissing";

    /// <summary>The code of the failure that something else is missing.</summary>
    public const string IncompleteCode = "SystemIncomplete";

    // As the runtime looks for it, a version that an administrator chose first.
    private static readonly string[] OpenSslVersions = ["3", "1.1", "1.0.2", "1.0.0", "10"];

    /// <summary>What the system does not have; null when nothing is missing.</summary>
    public static Failure? Missing()
    {
        if (!OperatingSystem.IsLinux()) return null;
        var chosen = Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE");
        return Missing(
            [.. OpenSslVersions.Prepend(chosen).OfType<string>().Select(version => $"libssl.so.{version}")],
            ["/dev/urandom", "/proc/self/fd"]);
    }

    /// <summary>The same for a list of libraries of which one, and paths of which all must be there.</summary>
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
