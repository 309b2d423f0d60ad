namespace NasSync.PowerShell;

/// <summary>
/// Finds missing members in objects that a script made by hand: PowerShell's casts require no member, not even those that a type requires. Objects
/// that the cmdlets write are complete.
/// </summary>
internal static class GivenObject
{
    /// <summary>Why a manifest cannot be used; null when it can.</summary>
    public static Failure? Lack(Manifest manifest) =>
        WhyNot(manifest) is { } why ? CmdletFailure.InputIncomplete($"A manifest was given {Naming(manifest)}that is not whole: {why}.") : null;

    /// <summary>Why a decision cannot be executed; null when it can.</summary>
    public static Failure? Lack(RouteDecision decision) => WhyNot(decision) is { } why
        ? CmdletFailure.InputIncomplete($"A decision was given {Naming(decision.Manifest)}that is not whole: {why}.")
        : null;

    /// <summary>Why a failure names neither an item nor a manifest; null when it does.</summary>
    public static Failure? Lack(RecordedFailure failure) => FailureArgumentAttribute.Refused(failure) is { } refused
        ? CmdletFailure.NoFailure(refused)
        : WhyNot(failure) is { } why ? CmdletFailure.InputIncomplete($"A failure was given that does not say what failed: {why}.") : null;

    private static string Naming(Manifest? manifest) => string.IsNullOrEmpty(manifest?.JobId) ? "" : $"of the job {Failure.Quote(manifest.JobId)} ";

    private static string? WhyNot(Manifest? manifest, string at = "")
    {
        if (manifest is null) return $"it has no {at.TrimEnd('.')}";
        var texts = Missing(
            at,
            (nameof(manifest.JobId), manifest.JobId),
            (nameof(manifest.Path), manifest.Path),
            (nameof(manifest.Generation), manifest.Generation));
        if (texts is not null) return texts;
        if (!Path.IsPathFullyQualified(manifest.Path)) return $"its {at}{nameof(manifest.Path)} is no full path";
        if (manifest.Artifacts is not { } artifacts) return $"it has no {at}{nameof(manifest.Artifacts)}";
        return artifacts.Select((artifact, i) => WhyNot(artifact, $"{at}{nameof(manifest.Artifacts)}[{i}].")).FirstOrDefault(why => why is not null);
    }

    private static string? WhyNot(Artifact? artifact, string at) => artifact is null
        ? $"it has no {at.TrimEnd('.')}"
        : Missing(at, (nameof(artifact.Kind), artifact.Kind), (nameof(artifact.Path), artifact.Path));

    private static string? WhyNot(RouteDecision decision)
    {
        if (WhyNot(decision.Manifest, $"{nameof(decision.Manifest)}.") is { } manifest) return manifest;
        if (WhyNot(decision.Artifact, $"{nameof(decision.Artifact)}.") is { } artifact) return artifact;
        if (decision.Targets is not { } targets) return $"it has no {nameof(decision.Targets)}";
        return targets is [] && decision.SkipReason is null && decision.Failure is null
            ? $"it has neither {nameof(decision.Targets)} nor a {nameof(decision.SkipReason)} or a {nameof(decision.Failure)}"
            : targets.Select((target, i) => WhyNot(target, $"{nameof(decision.Targets)}[{i}].")).FirstOrDefault(why => why is not null);
    }

    private static string? WhyNot(Target? target, string at)
    {
        if (target is null) return $"it has no {at.TrimEnd('.')}";
        if (Missing(at, (nameof(target.Destination), target.Destination), (nameof(target.Path), target.Path)) is { } missing) return missing;
        if (target.Root is not { } root) return $"it has no {at}{nameof(target.Root)}";
        return target.Destination == Target.LocalName && !Path.IsPathFullyQualified(root) ? $"its {at}{nameof(target.Root)} is no full path" : null;
    }

    private static string? WhyNot(RecordedFailure failure)
    {
        if (failure.Target is { } target && WhyNot(target, $"{nameof(failure.Target)}.") is { } why) return why;
        if (!string.IsNullOrEmpty(failure.Artifact)) return Missing("", (nameof(failure.JobId), failure.JobId));
        return string.IsNullOrEmpty(failure.ManifestPath)
            ? $"it has neither an {nameof(failure.Artifact)} nor a {nameof(failure.ManifestPath)}"
            : null;
    }

    private static string? Missing(string at, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        foreach (var (name, value) in members)
            if (string.IsNullOrEmpty(value)) return $"it has no {at}{name}";
        return null;
    }
}
