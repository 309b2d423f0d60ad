using NasSync.Files;

namespace NasSync.Watching;

/// <summary>The job ids in an outputs folder, for shell completion.</summary>
public static class JobNames
{
    /// <summary>
    /// The ids of jobs, in the order of their folders. Empty for a folder on a network file system, which might hang; without jobs whose manifest
    /// cannot be read. Completion shows no errors.
    /// </summary>
    /// <param name="outputsDir">The outputs folder, as a full path; it need not exist.</param>
    /// <param name="most">The maximum number of manifests to read.</param>
    public static IEnumerable<string> In(string outputsDir, int most)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputsDir);
        if (NetworkFileSystem.MayHang(outputsDir) || !Directory.Exists(outputsDir)) return [];
        try
        {
            return [.. ManifestFinder.Find(outputsDir).Take(most).Select(IdOf).OfType<string>().Distinct(StringComparer.Ordinal)];
        }
        catch (FailureException)
        {
            return [];
        }
    }

    private static string? IdOf(string manifest)
    {
        try
        {
            return ManifestFile.Read(manifest).JobId;
        }
        catch (FailureException)
        {
            return null;
        }
    }
}
