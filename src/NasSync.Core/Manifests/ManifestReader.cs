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

    /// <summary>Reads a manifest file without keeping its producer from writing, replacing or removing it.</summary>
    /// <param name="path">The file; a relative path counts from the current folder.</param>
    /// <param name="limits">How large it may be; null takes <see cref="ManifestLimits.Default"/>.</param>
    /// <param name="cancellationToken">Stops the reading between two blocks.</param>
    /// <exception cref="FailureException">As <see cref="Read"/>; and <c>ManifestGone</c> when there is no such file.</exception>
    public static Manifest ReadFile(string path, ManifestLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        try
        {
            // A pipe or a device also says that it has no bytes; to open it could wait for ever.
            if (Named(full) is { Exists: true, Length: 0 })
                throw ManifestFailure.Incomplete(full, TextPosition.Start, "The manifest is empty");
            using var file = new FileStream(full, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            });
            return Read(file, full, limits, cancellationToken);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ManifestFailure.Gone(full, error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw Directory.Exists(full) ? ManifestFailure.NoFile(full) : ManifestFailure.Unreadable(full, FailureClass.Permission, error);
        }
        catch (IOException error)
        {
            throw ManifestFailure.Unreadable(full, FailureClass.Transient, error);
        }
    }

    // A file says of itself, by the same look, that it is no link.
    private static FileInfo Named(string path)
    {
        var file = new FileInfo(path);
        return file.Exists && (file.Attributes & FileAttributes.ReparsePoint) == 0 ? file : new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
    }
}
