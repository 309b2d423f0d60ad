namespace NasSync.Transfers;

/// <summary>
/// Tells whether a manifest's file still has the content that was read. As long as its size and times are the same, it is not read again for each
/// artifact.
/// </summary>
internal sealed class ManifestGenerations
{
    private readonly object _gate = new();
    private (Manifest Manifest, FileState File)? _last;

    /// <summary>Whether the file in a folder is still the manifest that was read.</summary>
    public bool IsCurrent(Manifest manifest, SourceFolder folder)
    {
        lock (_gate)
        {
            if (folder.StatManifest() is not { } now) return false;
            if (_last is { } last && ReferenceEquals(last.Manifest, manifest) && last.File == now && !now.IsTouchedSince(last.File)) return true;
            if (!folder.HoldsItsManifest()) return false;
            _last = (manifest, now);
            return true;
        }
    }

    /// <summary>Whether the file has other bytes now, or is gone, with or without its folder; false when this cannot be determined.</summary>
    public bool IsSuperseded(Manifest manifest)
    {
        try
        {
            using var folder = SourceFolder.Open(manifest);
            return !IsCurrent(manifest, folder);
        }
        catch (FailureException e)
        {
            return e.Failure.Class == FailureClass.Gone;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
