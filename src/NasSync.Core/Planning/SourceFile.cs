using System.Runtime.ExceptionServices;

namespace NasSync.Planning;

/// <summary>An artifact's file as this plan sees it: examined once for all its targets, and checked against the manifest's declarations.</summary>
internal sealed class SourceFile(Manifest manifest, Artifact artifact, IObservations world)
{
    /// <summary>The failure code of a file that differs from its manifest's declaration.</summary>
    public const string MismatchCode = "ManifestMismatch";

    /// <summary>The failure code of a missing file.</summary>
    public const string GoneCode = "SourceGone";

    private FileState? _state;
    private ExceptionDispatchInfo? _failed;
    private Lazy<string>? _content;

    /// <summary>Size, time and inode.</summary>
    /// <exception cref="FailureException">The file cannot be examined, or its size differs from the declared one.</exception>
    public FileState State
    {
        get
        {
            if (_state is { } known) return known;

            // A failure holds for all targets of the source.
            _failed?.Throw();
            try
            {
                return (_state = Sized(manifest, artifact, world.Source(manifest, artifact))).Value;
            }
            catch (Exception e)
            {
                _failed = ExceptionDispatchInfo.Capture(e);
                throw;
            }
        }
    }

    /// <summary>Like <see cref="State"/>, but null instead of an exception.</summary>
    public FileState? TryState()
    {
        try
        {
            return State;
        }
        catch (FailureException)
        {
            return null;
        }
    }

    /// <summary>The exception that reports the file missing; null when it exists or cannot be examined.</summary>
    public FailureException? Gone
    {
        get
        {
            try
            {
                _ = State;
                return null;
            }
            catch (FailureException failed)
            {
                return failed.Failure.Class == FailureClass.Gone ? failed : null;
            }
        }
    }

    /// <summary>The SHA-256.</summary>
    /// <exception cref="FailureException">The file cannot be read, or its hash differs from the declared one.</exception>
    public string Hash => Declared(manifest, artifact, Content);

    /// <summary>The state, if it was examined successfully; otherwise null.</summary>
    public FileState? Seen => _state;

    private string Content => (_content ??= new(() => world.SourceHash(manifest, artifact))).Value;

    /// <summary>
    /// Throws when the content differs from what was copied although nothing else about the file changed: then the source itself is damaged, and
    /// copying it could replace the last good copy.
    /// </summary>
    /// <param name="recorded">The SHA-256 of what was copied.</param>
    /// <exception cref="FailureException">Class Mismatch, code SourceDamaged; or the file cannot be read.</exception>
    public void RequireContent(string recorded)
    {
        if (SameHash(recorded, Content)) return;
        throw new FailureException(new Failure(
            FailureClass.Mismatch,
            "SourceDamaged",
            $"'{artifact.Path}' of job '{manifest.JobId}' has the size and time that it had when it was copied, but other "
                + $"bytes: SHA-256 {Content}, not {recorded}; nothing was sent.",
            "Test the disk of the source, and put the source back from a copy that is intact; if the change was meant, give "
                + "the file a new time (touch) and run again."));
    }

    private static FileState Sized(Manifest manifest, Artifact artifact, FileState state) =>
        artifact.Size is { } declared && declared != state.Size
            ? throw Mismatch(manifest, artifact, $"{state.Size} bytes, but the manifest declares {declared}")
            : state;

    private static string Declared(Manifest manifest, Artifact artifact, string hash) =>
        artifact.Sha256 is { } declared && !SameHash(declared, hash)
            ? throw Mismatch(manifest, artifact, $"SHA-256 {hash}, but the manifest declares {declared}")
            : hash;

    /// <summary>Compares two hex digests, ignoring case.</summary>
    public static bool SameHash(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static FailureException Mismatch(Manifest manifest, Artifact artifact, string what) => new(new Failure(
        FailureClass.Mismatch,
        MismatchCode,
        $"'{artifact.Path}' of job '{manifest.JobId}' has {what}.",
        "Let the producer write the file, or its manifest, again."));
}
