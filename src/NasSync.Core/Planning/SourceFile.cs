using System.Runtime.ExceptionServices;

namespace NasSync.Planning;

/// <summary>An artifact's file as this plan sees it: looked at once however many targets it has, and held to what the manifest declares.</summary>
internal sealed class SourceFile(Manifest manifest, Artifact artifact, IObservations world)
{
    /// <summary>The code of the failure of a file that is not what its manifest declares.</summary>
    public const string MismatchCode = "ManifestMismatch";

    /// <summary>The code of the failure of a file that is not there.</summary>
    public const string GoneCode = "SourceGone";

    private FileState? _state;
    private ExceptionDispatchInfo? _failed;
    private Lazy<string>? _content;

    /// <summary>Size, time and inode.</summary>
    /// <exception cref="FailureException">It cannot be had, or its size is not the declared one.</exception>
    public FileState State
    {
        get
        {
            if (_state is { } known) return known;

            // A source that is gone is gone for all of its targets.
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

    /// <summary>Size, time and inode; null when they cannot be had.</summary>
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

    /// <summary>Why it is not there; null when it is, or cannot be looked at.</summary>
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

    /// <summary>SHA-256.</summary>
    /// <exception cref="FailureException">It cannot be read, or its hash is not the declared one.</exception>
    public string Hash => Declared(manifest, artifact, Content);

    /// <summary>The state when it was seen; null when it was not, or could not be.</summary>
    public FileState? Seen => _state;

    private string Content => (_content ??= new(() => world.SourceHash(manifest, artifact))).Value;

    /// <summary>
    /// Fails when the bytes are not the ones that were copied although nothing else about the file has changed: then the source itself has lost
    /// bits, and a copy of it would replace what may be the last good one.
    /// </summary>
    /// <param name="recorded">SHA-256 of what was copied.</param>
    /// <exception cref="FailureException">Class Mismatch, code SourceDamaged; or it cannot be read.</exception>
    public void RequireContent(string recorded)
    {
        if (SameHash(recorded, Content)) return;
        throw new FailureException(new Failure(
            FailureClass.Mismatch,
            "SourceDamaged",
            $"'{artifact.Path}' of job '{manifest.JobId}' has the size and time that it had when it was copied, but other bytes: SHA-256 {Content}, not {recorded}; nothing was sent.",
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

    /// <summary>Hex digits compare without regard to case.</summary>
    public static bool SameHash(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static FailureException Mismatch(Manifest manifest, Artifact artifact, string what) => new(new Failure(
        FailureClass.Mismatch,
        MismatchCode,
        $"'{artifact.Path}' of job '{manifest.JobId}' has {what}.",
        "Let the producer write the file, or its manifest, again."));
}
