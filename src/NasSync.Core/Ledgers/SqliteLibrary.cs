using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>
/// Binds the SQLite provider to a native library: the one that ships with NasSync, or the system's own where a system has none of ours. The native
/// program for Linux has the library inside; there nothing is looked for.
/// </summary>
internal static class SqliteLibrary
{
    /// <summary>The name by which the provider, and <see cref="SqliteColumn"/>, import it.</summary>
    public const string Name = "e_sqlite3";

    // ON CONFLICT DO UPDATE came with 3.24.
    private const int OldestVersion = 3_024_000;

    private static readonly Lazy<Failure?> Problem = new(Bind);

    private static readonly string FileName =
        OperatingSystem.IsWindows() ? $"{Name}.dll" : OperatingSystem.IsMacOS() ? $"lib{Name}.dylib" : $"lib{Name}.so";

    private static readonly string[] OfSystem =
        OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib", "libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    /// <summary>Makes SQLite usable in this process; cheap when it is already.</summary>
    /// <exception cref="FailureException">There is no SQLite (SqliteMissing), or one that is too old (SqliteTooOld).</exception>
    public static void Require()
    {
        if (Problem.Value is { } problem) throw new FailureException(problem);
    }

    /// <summary>The failure where neither is there.</summary>
    internal static Failure Missing() => new(
        FailureClass.Config,
        "SqliteMissing",
        $"The ledger needs SQLite, and neither {FileName} beside NasSync nor the system's own library ({string.Join(" or ", OfSystem)}) can be loaded.",
        "Unpack NasSync anew, whole; or install the system's: 'apt install libsqlite3-0' (Debian, Ubuntu), 'apk add sqlite-libs' (Alpine), "
            + "'dnf install sqlite-libs' (RHEL, Fedora).");

    /// <summary>Where ours may stand below a folder of NasSync: beside the program, or by system as the build and the module have it.</summary>
    internal static IEnumerable<string> Below(string folder)
    {
        yield return Path.Combine(folder, FileName);
        yield return Path.Combine(folder, "runtimes", Runtime(), "native", FileName);
    }

    /// <summary>Loads the first that is there; zero when none is.</summary>
    internal static nint Load(IEnumerable<string> ours, IEnumerable<string> systems, Assembly assembly)
    {
        foreach (var file in ours)
            if (File.Exists(file) && NativeLibrary.TryLoad(file, out var handle)) return handle;

        // Only the system's folder on Windows, so that no DLL beside a script can take its place.
        DllImportSearchPath? search = OperatingSystem.IsWindows() ? DllImportSearchPath.System32 : null;
        foreach (var name in systems)
            if (NativeLibrary.TryLoad(name, assembly, search, out var handle)) return handle;
        return 0;
    }

    private static Failure? Bind()
    {
        Answer(typeof(SQLite3Provider_e_sqlite3).Assembly);
        Answer(typeof(SqliteLibrary).Assembly);
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
            // Their messages name one file name of many that were tried, and would lead astray.
            return Missing();
        }
    }

    // Who imports the library from that assembly gets ours.
    private static void Answer(Assembly importer)
    {
        try
        {
            NativeLibrary.SetDllImportResolver(
                importer,
                (name, assembly, _) => name == Name ? Load(Folders().SelectMany(Below), OfSystem, assembly) : 0);
        }
        catch (InvalidOperationException)
        {
            // Another load context of this process shares the provider and has set its resolver, which does the same.
        }
    }

    [UnconditionalSuppressMessage(
        "SingleFile",
        "IL3000",
        Justification = "An assembly without a file stands in the program, whose folder comes next.")]
    private static IEnumerable<string> Folders()
    {
        if (Path.GetDirectoryName(typeof(SqliteLibrary).Assembly.Location) is { Length: > 0 } folder) yield return folder;
        yield return AppContext.BaseDirectory;
    }

    // By what it is for, since a runtime that a distribution built itself calls its system by another name.
    private static string Runtime()
    {
        var kind = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : IsMusl() ? "linux-musl" : "linux";
        return $"{kind}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static bool IsMusl() =>
        RuntimeInformation.RuntimeIdentifier is var id
            && (id.Contains("musl", StringComparison.Ordinal) || id.StartsWith("alpine", StringComparison.Ordinal));
}
