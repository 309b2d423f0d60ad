using NasSync.Templates;

namespace NasSync.Config.Reading;

/// <summary>Checks one template of a route and reports each mistake at its character.</summary>
internal sealed class TemplateCheck(RouteDraft route, string key, ScalarNode scalar, ConfigDraft draft, ProblemList problems)
{
    private readonly string _text = scalar.Value;

    /// <summary>Checks an entry of <c>to</c>; returns it, with a full path when it is a plain path of this machine.</summary>
    public string To()
    {
        if (!TryParse(out var template)) return _text;
        var target = TargetText.Split(_text);
        CheckLiterals(template, '\\', "Write '/' between folders, not '\\'.");
        CheckRoots(template, target);
        CheckReserved(template.Segments);
        if (target.Destination is { } name) CheckDestination(name, target.Path);
        else if (draft.Config.Method == TransferMethod.Local) return Full(template);
        return _text;
    }

    /// <summary>Checks <c>as</c>.</summary>
    public void As()
    {
        if (!TryParse(out var template)) return;
        CheckLiterals(template, '/', "'as' is the file's name only; put folders into 'to'.");
        CheckLiterals(template, '\\', "'as' is the file's name only; put folders into 'to'.");
        CheckReserved(template.Segments);
        if (template.Placeholders.Any(p => p.Name == Placeholder.RemoteRoots))
            Error(OffsetOf("${" + Placeholder.RemoteRoots), "'as' is the file's name only; put the remote root into 'to'.");
    }

    private bool TryParse([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PathTemplate? template)
    {
        template = null;
        if (Texts.Text(_text) is { Problem: { } wrong }) Error(0, wrong);
        else if (!PathTemplate.TryParse(_text, out template, out var problem)) Error(problem.Offset, problem.Message);
        return template is not null;
    }

    private void CheckLiterals(PathTemplate template, char forbidden, string message)
    {
        if (template.Segments.OfType<Literal>().Any(literal => literal.Text.Contains(forbidden))) Error(OffsetOf(forbidden.ToString()), message);
    }

    private void CheckReserved(IEnumerable<Segment> segments)
    {
        if (ReservedName.In(segments) is not { } name) return;
        Error(OffsetOf(name), $"{Failure.Quote(name)} is a name that NasSync uses for its own files, so no copy can have it; write another one.");
    }

    private void CheckDestination(string name, string path)
    {
        if (!draft.DestinationNames.Contains(name))
        {
            var host = name.Contains('@') || path.StartsWith("//", StringComparison.Ordinal);
            Error(0, host
                ? $"'{name}:' is not the name of a destination; describe this place below 'destinations' and write its name here."
                : $"There is no destination '{name}'; {NearestName.Cure(name, draft.DestinationNames)}");
        }

        else if (path.StartsWith("//", StringComparison.Ordinal))
        {
            Error(0, "An address cannot stand in a route; write it as a remote root, or as 'target' of a destination, and here its name.");
        }

        if (StrayText.OfPath(path.Trim()) is { } stray) Error(OffsetOf(":") + 1, stray);
        if (path.Split('/').Contains("..")) Error(OffsetOf(".."), "A path cannot contain '..'; write the folder it leads to.");
    }

    private void CheckRoots(PathTemplate template, TargetText target)
    {
        var start = target.Destination is null ? 0 : _text.IndexOf(':') + 1;
        foreach (var root in template.Placeholders.Where(p => p.Name == Placeholder.RemoteRoots))
        {
            var at = OffsetOf(root.ToString());
            if (!draft.Roots.ContainsKey(root.Argument!))
                Error(at, $"There is no remote root '{root.Argument}'; {CureFor(root.Argument!)}");
            else if (at != start) Error(at, $"{root} must stand at the beginning.");
            else if (at + root.ToString().Length is var end && end < _text.Length && _text[end] is not ('/' or '\\'))
                Error(end, $"After {root} a '/' is missing.");
        }
    }

    private string CureFor(string key) => NearestName.Of(key, draft.Roots.Keys) is { } nearest
        ? $"did you mean '{nearest}'?"
        : $"add it to remoteRoots, or set {EnvironmentSettings.RootPrefix}{key.ToUpperInvariant()}.";

    private string Full(PathTemplate template)
    {
        if (template.Segments is [Placeholder { Name: Placeholder.RemoteRoots }, ..]) return _text;
        var full = route.Paths.FullTemplate(_text);
        if (full.Problem is null) return full.Value;
        Error(0, full.Problem);
        return _text;
    }

    // A literal of the template usually appears in the source text too; where escapes hide it, the start is close enough.
    private int OffsetOf(string part) => Math.Max(0, _text.IndexOf(part, StringComparison.Ordinal));

    private void Error(int offset, string message) => problems.Error(scalar.At(offset), route.SettingOf(key), message);
}
