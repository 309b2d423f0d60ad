using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NasSync;

/// <summary>
/// What happens when another origin's file stands at the target. What the same job and artifact put there before is always replaced.
/// </summary>
public enum ConflictPolicy
{
    /// <summary>The default: the other file stays and the new one gets a name of its own, <c>Song (job_123).m4a</c>.</summary>
    KeepBoth,

    /// <summary>The other file is replaced.</summary>
    Overwrite,

    /// <summary>The other file stays and the artifact is not sent.</summary>
    Skip,

    /// <summary>The other file stays and the item fails.</summary>
    Fail,
}

/// <summary>How sure a copy must be before it counts.</summary>
public enum VerifyLevel
{
    /// <summary>The size is compared.</summary>
    Size,

    /// <summary>The default: the destination's content is compared with the source's (a hash made by the server, or the bytes read back).</summary>
    Checksum,

    /// <summary>The content is read back from the medium, past the caches that can be emptied, and its SHA-256 compared.</summary>
    Readback,
}

/// <summary>What becomes of the source after every required copy is recorded.</summary>
public enum ReleasePolicy
{
    /// <summary>The default: it stays.</summary>
    Keep,

    /// <summary>It is deleted, if it is unchanged.</summary>
    Delete,
}

/// <summary>One rule: which artifacts it takes, where they go and how.</summary>
public sealed record Route
{
    /// <summary>Position in the list, from 1; the first route that matches wins.</summary>
    public required int Number { get; init; }

    /// <summary>The kind it takes, without regard to case; null takes every kind.</summary>
    public string? Kind { get; init; }

    /// <summary>The variant it takes, without regard to case; null takes every variant.</summary>
    public string? Variant { get; init; }

    /// <summary>Where to, one or several templates: a path, or <c>name:path</c> of a named destination.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>The file name as a template; null keeps the artifact's own.</summary>
    public string? As { get; init; }

    /// <summary>What happens when another origin's file stands at the target. Default <see cref="ConflictPolicy.KeepBoth"/>.</summary>
    public ConflictPolicy OnConflict { get; init; } = ConflictPolicy.KeepBoth;

    /// <summary>How sure a copy must be. Default <see cref="VerifyLevel.Checksum"/>.</summary>
    public VerifyLevel Verify { get; init; } = VerifyLevel.Checksum;

    /// <summary>What becomes of the source. Default <see cref="ReleasePolicy.Keep"/>.</summary>
    public ReleasePolicy Release { get; init; } = ReleasePolicy.Keep;

    /// <summary>For people: <c>audio/instrumental</c>, <c>audio/*</c> or <c>*</c>.</summary>
    public string Pattern => (Kind, Variant) switch
    {
        (null, null) => "*",
        (null, var variant) => $"*/{variant}",
        (var kind, null) => $"{kind}/*",
        var (kind, variant) => $"{kind}/{variant}",
    };

    /// <summary>The number and pattern.</summary>
    public override string ToString() => $"route {Number} ({Pattern})";
}

/// <summary>One place for one artifact, with every placeholder filled in.</summary>
public sealed record Target
{
    /// <summary>A target of which nothing is known yet.</summary>
    public Target()
    {
    }

    /// <summary>A target whose path was parsed already.</summary>
    [SetsRequiredMembers]
    internal Target(string destination, string root, RelativePath path) => (Destination, Root, RelativePath) = (destination, root, path);

    /// <summary>The destination's name in the configuration; <c>local</c> for a plain path.</summary>
    public required string Destination { get; init; }

    /// <summary>The folder that the copy never leaves: for a local path a full path of this machine, else the destination's own root.</summary>
    public required string Root { get; init; }

    /// <summary>The file below the root: never absolute, never out of it, with <c>/</c> between folders.</summary>
    /// <exception cref="FormatException">Set to a path that could leave its root; the message names it and says why.</exception>
    public required string Path { get => RelativePath.Value; init => RelativePath = RelativePath.Parse(value); }

    /// <summary>The same path as the type that every destination asks for. The public one is text: every serializer writes it plainly.</summary>
    internal RelativePath RelativePath { get; [MemberNotNull(nameof(Path))] init; } = null!;

    /// <summary>For people and for the ledger: the full local path, or <c>name:path</c>.</summary>
    public string Display => Destination == LocalName ? string.Concat(Root.TrimEnd('/'), "/", Path) : string.Concat(Destination, ":", Path);

    /// <summary>The form by which two targets are taken for one place, also where names ignore case or are normalized.</summary>
    public string Key => Ascii.IsValid(Root) && Ascii.IsValid(Path) && Ascii.IsValid(Destination)
        ? FoldedAscii()
        : UnicodeText.Fold(Destination == LocalName ? Display : $"{Destination}:{Root.TrimEnd('/')}/{Path}");

    /// <summary>The name that stands for plain paths of this machine.</summary>
    public const string LocalName = "local";

    /// <summary>Same as <see cref="Display"/>.</summary>
    public override string ToString() => Display;

    // Nearly every key, in one piece.
    private string FoldedAscii()
    {
        var name = Destination == LocalName ? 0 : Destination.Length + 1;
        var root = Root.AsSpan().TrimEnd('/').Length;
        return string.Create(name + root + 1 + Path.Length, (Target: this, Name: name, Root: root), static (folded, given) =>
        {
            if (given.Name > 0)
            {
                Ascii.ToUpper(given.Target.Destination, folded, out _);
                folded[given.Name - 1] = ':';
            }

            Ascii.ToUpper(given.Target.Root.AsSpan(0, given.Root), folded[given.Name..], out _);
            folded[given.Name + given.Root] = '/';
            Ascii.ToUpper(given.Target.Path, folded[(given.Name + given.Root + 1)..], out _);
        });
    }
}

/// <summary>How one route looked at one artifact.</summary>
/// <param name="Route">The route.</param>
/// <param name="Matched">Whether it takes the artifact.</param>
/// <param name="Reason">Why, or why not, as one clause: <c>variant is 'vocals', the route wants 'instrumental'</c>.</param>
public sealed record RouteVerdict(Route Route, bool Matched, string Reason);

/// <summary>Which route won for an artifact, where that leads, and why the others did not match.</summary>
public sealed record RouteDecision
{
    /// <summary>The manifest.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The artifact.</summary>
    public required Artifact Artifact { get; init; }

    /// <summary>The route that won; null when none matched.</summary>
    public Route? Route { get; init; }

    /// <summary>Where the copies go; empty when the artifact is skipped or failed.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>Every route in order and what it said; those after the one that won say that they were not reached.</summary>
    public IReadOnlyList<RouteVerdict> Verdicts { get; init; } = [];

    /// <summary>Why nothing is sent although nothing is wrong, for example that no route matches; null when there are targets.</summary>
    public string? SkipReason { get; init; }

    /// <summary>Why the decision cannot be carried out; null when it can.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The job's id, for tables and pipelines.</summary>
    public string JobId => Manifest.JobId;

    /// <summary>The manifest's full path, for pipelines.</summary>
    public string ManifestPath => Manifest.Path;

    /// <summary>The artifact, its job, and where it goes or why nowhere.</summary>
    public override string ToString() =>
        $"{Artifact} of {JobId} -> {(Targets.Count > 0 ? string.Join(", ", Targets) : Failure?.Message ?? SkipReason)}";
}
