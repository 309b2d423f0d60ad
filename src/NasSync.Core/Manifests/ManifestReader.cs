namespace NasSync.Manifests;

/// <summary>Reads <c>manifest.json</c> as producers write it. A returned manifest is complete and safe; anything else throws.</summary>
public static class ManifestReader
{
    /// <summary>Reads a manifest from a stream.</summary>
    /// <param name="stream">The bytes, from the current position to the end; stays open.</param>
    /// <param name="path">The manifest's full path, for messages and <see cref="Manifest.Path"/>; no file is opened.</param>
    /// <param name="limits">The size limits; null uses <see cref="ManifestLimits.Default"/>.</param>
    /// <param name="cancellationToken">Stops reading between two blocks.</param>
    /// <exception cref="FailureException"><c>InvalidManifest</c>, <c>UnsupportedVersion</c>, <c>ManifestTooLarge</c> or <c>EscapesJob</c>, with
    /// <c>file:line:column</c> in the message; <c>ManifestIncomplete</c> when the JSON ends too early, so that a later attempt may succeed;
    /// <c>ManifestUnreadable</c>.</exception>
    public static Manifest Read(Stream stream, string path, ManifestLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(path);
        using var tokens = new TokenStream(stream, path, limits ?? ManifestLimits.Default, cancellationToken);
        using var parser = new ManifestParser(tokens, path, limits ?? ManifestLimits.Default);
        try
        {
            return parser.Parse();
        }
        catch (IOException error)
        {
            throw ManifestFailure.Unreadable(path, FailureClass.Transient, error);
        }
    }
}
