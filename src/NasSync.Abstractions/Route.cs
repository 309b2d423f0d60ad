using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NasSync;

/// <summary>
/// What happens when the target has a file that is not a recorded copy of this artifact. An earlier copy of the same artifact is always replaced.
/// </summary>
public enum ConflictPolicy
{
    /// <summary>The default: the other file stays and the new one gets a different name, <c>Song (job_123).m4a</c>.</summary>
    KeepBoth,

    /// <summary>The other file is replaced.</summary>
    Overwrite,

    /// <summary>The other file stays and the artifact is not sent.</summary>
    Skip,

    /// <summary>The other file stays and the item fails.</summary>
    Fail,
}

/// <summary>How strictly a copy must be verified.</summary>
public enum VerifyLevel
{
    /// <summary>The size is compared.</summary>
    Size,

    /// <summary>The default: the destination's content is compared with the source's (a hash made by the server, or the bytes read back).</summary>
    Checksum,

    /// <summary>The content is read back from the medium, bypassing the caches that can be emptied, and its SHA-256 compared.</summary>
    Readback,
}

/// <summary>What happens to the source after every required copy is recorded.</summary>
public enum ReleasePolicy
{
    /// <summary>The default: it stays.</summary>
    Keep,

    /// <summary>It is deleted, if it is unchanged.</summary>
    Delete,
}

/// <summary>A rule: which artifacts it matches, where they go and how.</summary>
public sealed record Route
{
    /// <summary>Position in the list, from 1; the first route that matches wins.</summary>
    public required int Number { get; init; }

    /// <summary>The kind to match, ignoring case; null matches every kind.</summary>
    public string? Kind { get; init; }

    /// <summary>The variant to match, ignoring case; null matches every variant.</summary>
    public string? Variant { get; init; }

    /// <summary>One or several target templates: a path, or <c>name:path</c> of a named destination.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>The file name as a template; null keeps the artifact's own.</summary>
    public string? As { get; init; }

    /// <summary>
    /// What happens when the target has a file that is not a recorded copy of this artifact. Default <see cref="ConflictPolicy.KeepBoth"/>.
    /// </summary>
    public ConflictPolicy OnConflict { get; init; } = ConflictPolicy.KeepBoth;

    /// <summary>How strictly a copy must be verified. Default <see cref="VerifyLevel.Checksum"/>.</summary>
    public VerifyLevel Verify { get; init; } = VerifyLevel.Checksum;

    /// <summary>What happens to the source. Default <see cref="ReleasePolicy.Keep"/>.</summary>
    public ReleasePolicy Release { get; init; } = ReleasePolicy.Keep;

    /// <summary>A display text: <c>audio/instrumental</c>, <c>audio/*</c> or <c>*</c>.</summary>
    public string Pattern => (Kind, Variant) switch
    {
        (null, null) => "*",
        (null, var variant) => $"*/{variant}",
        (var kind, null) => $"{kind}/*",
        var (kind, variant) => $"{kind}/{variant}",
    };

    /// <summary>Number and pattern.</summary>
    public override string ToString() => $"route {Number} ({Pattern})";
}

/// <summary>The resolved target of one artifact, with all placeholders filled in.</summary>
public sealed record Target
{
    /// <summary>Creates a target for use with an object initializer.</summary>
    public Target()
    {
    }

    /// <summary>Creates a target from a parsed path.</summary>
    [SetsRequiredMembers]
    internal Target(string destination, string root, RelativePath path) => (Destination, Root, RelativePath) = (destination, root, path);

    /// <summary>The destination's name in the configuration; <c>local</c> for a plain path.</summary>
    public required string Destination { get; init; }

    /// <summary>The folder that the copy cannot leave: for a local path a full path of this machine, otherwise the destination's root.</summary>
    public required string Root { get; init; }

    /// <summary>The file below the root: never absolute, never out of it, with <c>/</c> between folders.</summary>
    /// <exception cref="FormatException">Set to a path that could leave its root; the message names it and says why.</exception>
    public required string Path { get => RelativePath?.Value ?? ""; init => RelativePath = RelativePath.Parse(value); }

    /// <summary>
    /// The same path as a type that cannot escape, which destinations require. The public property is a string, which every serializer can write.
    /// </summary>
    internal RelativePath RelativePath { get; [MemberNotNull(nameof(Path))] init; } = null!;

    /// <summary>The target for people and for the ledger: the full local path, or <c>name:path</c>.</summary>
    public string Display => Destination == LocalName ? string.Concat(Root?.TrimEnd('/'), "/", Path) : string.Concat(Destination, ":", Path);

    /// <summary>A key that is equal for targets that are the same place on a system that ignores case or normalizes names.</summary>
    public string Key => Destination is not null && Root is not null && Ascii.IsValid(Root) && Ascii.IsValid(Path) && Ascii.IsValid(Destination)
        ? FoldedAscii()
        : UnicodeText.Fold(Destination == LocalName ? Display : $"{Destination}:{Root?.TrimEnd('/')}/{Path}");

    /// <summary>The destination name of plain paths on this machine.</summary>
    public const string LocalName = "local";

    /// <summary>Same as <see cref="Display"/>.</summary>
    public override string ToString() => Display;

    // The fast path for nearly every key, without intermediate strings.
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

/// <summary>The verdict of one route on one artifact.</summary>
/// <param name="Route">The route.</param>
/// <param name="Matched">Whether it matches the artifact; false also for a route that was not reached.</param>
/// <param name="Reason">Why, or why not, as one clause: <c>variant is 'vocals', the route wants 'instrumental'</c>.</param>
public sealed record RouteVerdict(Route Route, bool Matched, string Reason);

/// <summary>The route that won for an artifact, the resulting targets, and why the other routes did not match.</summary>
public sealed record RouteDecision
{
    /// <summary>The manifest.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The artifact.</summary>
    public required Artifact Artifact { get; init; }

    /// <summary>The winning route; null when none matched.</summary>
    public Route? Route { get; init; }

    /// <summary>The targets; empty when the artifact is skipped or failed.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>The verdicts of all routes in order; routes after the winning one were not reached.</summary>
    public IReadOnlyList<RouteVerdict> Verdicts { get; init; } = [];

    /// <summary>Why nothing is sent although nothing is wrong, for example because no route matches; null otherwise.</summary>
    public string? SkipReason { get; init; }

    /// <summary>Why the decision cannot be carried out; null when it can.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The job's id, for tables and pipelines.</summary>
    public string JobId => Manifest?.JobId ?? "";

    /// <summary>The manifest's full path, for pipelines.</summary>
    public string ManifestPath => Manifest?.Path ?? "";

    /// <summary>The artifact, its job, and its targets or the reason for having none.</summary>
    public override string ToString() =>
        $"{Artifact} of {JobId} -> {(Targets is { Count: > 0 } ? string.Join(", ", Targets) : Failure?.Message ?? SkipReason)}";
}
