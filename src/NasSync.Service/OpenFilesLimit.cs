using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Service;

/// <summary>
/// Whether this process may open as many files as even a small run needs. Where it may not, the runtime fails at any place, with traces that name
/// another cause. Uses nothing but the runtime's own library and its console, so that it can still speak.
/// </summary>
internal static class OpenFilesLimit
{
    // A ledger, a few copies with their folders, and what is loaded as it is needed: two files for each library, unless all of it is one program.
    // Every usual limit is several times as high.
    private static readonly int Least = RuntimeFeature.IsDynamicCodeSupported ? 192 : 64;
    private const int TooManyOpenFiles = 24;
    private const string Nothing = "/dev/null";

    /// <summary>Tries it.</summary>
    public static bool IsTooLow()
    {
        if (OperatingSystem.IsWindows()) return false;
        var files = new List<SafeFileHandle>(Least);
        try
        {
            // What is needed to tell is loaded while there is room.
            using var error = Console.OpenStandardError();
            while (files.Count < Least) files.Add(File.OpenHandle(Nothing));
            return false;
        }
        catch (IOException e)
        {
            // Of a library that cannot be loaded the runtime says only that it is not there.
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
