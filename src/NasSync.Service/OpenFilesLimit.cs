using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Service;

/// <summary>
/// Whether this process may open as many files as even a small run needs. With a lower limit the runtime fails at any place, with traces that name
/// another cause. Needs only the runtime's own library and its console, so that it can still report.
/// </summary>
internal static class OpenFilesLimit
{
    // A ledger, a few copies with their folders, and the libraries loaded on demand: two files each, unless the program is a single file. Every usual
    // limit is several times as high.
    private static readonly int Least = RuntimeFeature.IsDynamicCodeSupported ? 192 : 64;
    private const int TooManyOpenFiles = 24;
    private const string Nothing = "/dev/null";

    /// <summary>Tries to open that many files.</summary>
    public static bool IsTooLow()
    {
        if (OperatingSystem.IsWindows()) return false;
        var files = new List<SafeFileHandle>(Least);
        try
        {
            // Loads what the report needs while there is room.
            using var error = Console.OpenStandardError();
            while (files.Count < Least) files.Add(File.OpenHandle(Nothing));
            return false;
        }
        catch (IOException e)
        {
            // For a library that cannot be loaded, the runtime reports only that it does not exist.
            return e.HResult == TooManyOpenFiles || e is FileNotFoundException { FileName: not Nothing } or FileLoadException;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            foreach (var file in files) file.Dispose();
        }
    }
}
