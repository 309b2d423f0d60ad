using NasSync.Files;

namespace NasSync.Watching;

/// <summary>The jobs of an outputs folder by name, for what completes them while someone types.</summary>
public static class JobNames
{
    /// <summary>
    /// The ids of jobs, in the order of their folders. None where the folder lies on a network file system, which might not answer, and
    /// none of a manifest that cannot be read: someone who types wants no errors.
    /// </summary>
    /// <param name="outputsDir">The outputs folder, as a full path; it need not be there.</param>
    /// <param name="most">So many manifests are read at the most.</param>
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
