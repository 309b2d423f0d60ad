using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>
/// Binds the SQLite provider to a native library: the one that ships with NasSync, or else the system's own. The native program for Linux has SQLite
/// linked in and searches for nothing.
/// </summary>
internal static class SqliteLibrary
{
    /// <summary>The name under which the provider and <see cref="SqliteColumn"/> import the library.</summary>
    public const string Name = "e_sqlite3";

    // The first version with ON CONFLICT DO UPDATE.
    private const int OldestVersion = 3_024_000;

    private static readonly Lazy<Failure?> Problem = new(Bind);

    private static readonly string FileName =
        OperatingSystem.IsWindows() ? $"{Name}.dll" : OperatingSystem.IsMacOS() ? $"lib{Name}.dylib" : $"lib{Name}.so";

    private static readonly string[] OfSystem =
        OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib", "libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    /// <summary>Loads SQLite into this process; cheap after the first call.</summary>
    /// <exception cref="FailureException">There is no SQLite (SqliteMissing), or it is too old (SqliteTooOld).</exception>
    public static void Require()
    {
        if (Problem.Value is { } problem) throw new FailureException(problem);
    }

    /// <summary>The failure when neither library can be loaded.</summary>
    internal static Failure Missing() => new(
        FailureClass.Config,
        "SqliteMissing",
        $"The ledger needs SQLite, and neither {FileName} beside NasSync nor the system's own library "
            + $"({string.Join(" or ", OfSystem)}) can be loaded.",
        "Install the system's: 'apt install libsqlite3-0' (Debian, Ubuntu), 'apk add sqlite-libs' (Alpine), "
            + "'dnf install sqlite-libs' (RHEL, Fedora); or, if NasSync's own is not there, unpack all of NasSync again. "
            + "On Linux its own needs glibc 2.34 or newer, or musl.");

    /// <summary>
    /// Where NasSync's own library may be below a folder: beside the program, or in the build's and the module's folder for each platform.
    /// </summary>
    internal static IEnumerable<string> Below(string folder)
    {
        yield return Path.Combine(folder, FileName);
        yield return Path.Combine(folder, "runtimes", Runtime(), "native", FileName);
    }

    /// <summary>Loads the first library that works; zero when none does.</summary>
    internal static nint Load(IEnumerable<string> ours, IEnumerable<string> systems, Assembly assembly)
    {
        foreach (var file in ours)
            if (File.Exists(file) && NativeLibrary.TryLoad(file, out var handle)) return handle;

        // On Windows only from the system folder, so that a DLL beside a script cannot take its place.
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
            // These messages name only one of the many file names that were tried, which would mislead.
            return Missing();
        }
    }

    // Redirects the importer's imports of the library to Load.
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
            // Another load context of this process shares the provider and has set the same resolver.
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

    // Not the runtime identifier: a runtime that a distribution built has a different one.
    private static string Runtime()
    {
        var kind = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : IsMusl() ? "linux-musl" : "linux";
        return $"{kind}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static bool IsMusl() =>
        RuntimeInformation.RuntimeIdentifier is var id
            && (id.Contains("musl", StringComparison.Ordinal) || id.StartsWith("alpine", StringComparison.Ordinal));
}
