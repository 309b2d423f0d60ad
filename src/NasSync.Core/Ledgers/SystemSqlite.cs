using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>
/// Binds the SQLite provider to the operating system's own library, which the system keeps patched; nothing native ships with NasSync.
/// On Windows that is winsqlite3.dll, whose calling convention matches on 64-bit processes only.
/// </summary>
internal static class SystemSqlite
{
    // ON CONFLICT DO UPDATE came with 3.24.
    private const int OldestVersion = 3_024_000;

    private static readonly Lazy<Failure?> Problem = new(Bind);

    /// <summary>The file names tried, in order.</summary>
    public static IReadOnlyList<string> Candidates { get; } =
        OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib", "libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    /// <summary>Makes SQLite usable in this process; cheap when it is already.</summary>
    /// <exception cref="FailureException">The system has no SQLite (SqliteMissing), or one that is too old (SqliteTooOld).</exception>
    public static void Require()
    {
        if (Problem.Value is { } problem) throw new FailureException(problem);
    }

    /// <summary>The failure for a system without SQLite.</summary>
    internal static Failure Missing() => new(
        FailureClass.Config,
        "SqliteMissing",
        $"The ledger needs the system's SQLite library ({string.Join(" or ", Candidates)}), and none can be loaded.",
        "Install it: 'apt install libsqlite3-0' (Debian, Ubuntu), 'apk add sqlite-libs' (Alpine), 'dnf install sqlite-libs' (RHEL, Fedora).");

    /// <summary>Loads the first candidate that is there; zero when none is.</summary>
    internal static nint Load(IEnumerable<string> candidates, Assembly assembly)
    {
        // Only the system's folder on Windows, so that no DLL beside a script can take its place.
        DllImportSearchPath? search = OperatingSystem.IsWindows() ? DllImportSearchPath.System32 : null;
        foreach (var candidate in candidates)
            if (NativeLibrary.TryLoad(candidate, assembly, search, out var handle)) return handle;
        return 0;
    }

    private static Failure? Bind()
    {
        var provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
        try
        {
            NativeLibrary.SetDllImportResolver(provider, (name, assembly, _) => name == "e_sqlite3" ? Load(Candidates, assembly) : 0);
        }
        catch (InvalidOperationException)
        {
            // Another load context of this process shares the provider and has set its resolver, which does the same.
        }

        try
        {
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            return raw.sqlite3_libversion_number() >= OldestVersion ? null : new Failure(
                FailureClass.Config,
                "SqliteTooOld",
                $"The ledger needs SQLite 3.24 or newer; the system has {raw.sqlite3_libversion().utf8_to_string()}.",
                "Update the operating system's SQLite library.");
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            // Their messages name 'e_sqlite3', which no system has, and would lead astray.
            return Missing();
        }
    }
}
