namespace NasSync.Planning;

/// <summary>An artifact's file as this plan sees it: looked at once however many targets it has, and held to what the manifest declares.</summary>
internal sealed class SourceFile(Manifest manifest, Artifact artifact, IObservations world)
{
    // Lazy also keeps an exception: a source that is gone is gone for all of its targets.
    private readonly Lazy<FileState> _state = new(() => Sized(manifest, artifact, world.Source(manifest, artifact)));
    private readonly Lazy<string> _hash = new(() => Hashed(manifest, artifact, world.SourceHash(manifest, artifact)));

    /// <summary>Size, time and inode.</summary>
    /// <exception cref="FailureException">It cannot be had, or its size is not the declared one.</exception>
    public FileState State => _state.Value;

    /// <summary>SHA-256.</summary>
    /// <exception cref="FailureException">It cannot be read, or its hash is not the declared one.</exception>
    public string Hash => _hash.Value;

    /// <summary>The state when it was seen; null when it was not, or could not be.</summary>
    public FileState? Seen => _state.IsValueCreated ? _state.Value : null;

    private static FileState Sized(Manifest manifest, Artifact artifact, FileState state) =>
        artifact.Size is { } declared && declared != state.Size
            ? throw Mismatch(manifest, artifact, $"{state.Size} bytes, but the manifest declares {declared}")
            : state;

    private static string Hashed(Manifest manifest, Artifact artifact, string hash) =>
        artifact.Sha256 is { } declared && !SameHash(declared, hash)
            ? throw Mismatch(manifest, artifact, $"SHA-256 {hash}, but the manifest declares {declared}")
            : hash;

    /// <summary>Hex digits compare without regard to case.</summary>
    public static bool SameHash(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static FailureException Mismatch(Manifest manifest, Artifact artifact, string what) => new(new Failure(
        FailureClass.Mismatch,
        "ManifestMismatch",
        $"'{artifact.Path}' of job '{manifest.JobId}' has {what}.",
        "Let the producer write the file, or its manifest, again."));
}
