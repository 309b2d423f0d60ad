namespace NasSync.Manifests;

/// <summary>Reads <c>manifest.json</c> as a producer writes it. What it returns is complete and safe; everything else is a failure.</summary>
public static class ManifestReader
{
    /// <summary>Reads a manifest from a stream.</summary>
    /// <param name="stream">The bytes, from its present position to its end; stays open.</param>
    /// <param name="path">The manifest's full path: stands in messages and in <see cref="Manifest.Path"/>; no file is opened.</param>
    /// <param name="limits">How large it may be; null takes <see cref="ManifestLimits.Default"/>.</param>
    /// <param name="cancellationToken">Stops the reading between two blocks.</param>
    /// <exception cref="FailureException">
    /// <c>InvalidManifest</c>, <c>UnsupportedVersion</c>, <c>ManifestTooLarge</c> or <c>EscapesJob</c>, with <c>file:line:column</c> in the
    /// message; <c>ManifestIncomplete</c> when the JSON ends too early, so that a later look may find it whole; <c>ManifestUnreadable</c>.
    /// </exception>
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
