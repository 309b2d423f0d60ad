namespace NasSync.Config.Reading;

/// <summary>Collects all mistakes, so that they are reported at once.</summary>
internal sealed class ProblemList
{
    private readonly List<ConfigProblem> _problems = [];

    public bool HasErrors => _problems.Exists(problem => problem.Severity == ConfigSeverity.Error);

    public void Error(Place place, string setting, string message) => Add(ConfigSeverity.Error, place, setting, message);

    public void Error(Origin origin, string message) => Error(origin.Place, origin.Setting, message);

    public void Warning(Place place, string setting, string message) => Add(ConfigSeverity.Warning, place, setting, message);

    /// <summary>The file's problems from top to bottom, then the environment's in the order in which they were found.</summary>
    public IReadOnlyList<ConfigProblem> InOrder() =>
    [
        .. _problems
            .Distinct()
            .OrderBy(problem => problem.Source == Place.Environment)
            .ThenBy(problem => problem.Source == Place.Environment ? 0 : problem.Line)
            .ThenBy(problem => problem.Source == Place.Environment ? 0 : problem.Column),
    ];

    private void Add(ConfigSeverity severity, Place place, string setting, string message) =>
        _problems.Add(new(severity, place.Source, place.Line, place.Column, OneLine(setting), OneLine(message)));

    // Settings and messages contain user input, which must not break a line, send terminal escapes or fill the screen.
    private static string OneLine(string text)
    {
        const int longest = 600;
        if (text.Length > longest) text = $"{text[..(longest / 2)]}…{text[^(longest / 2)..]}";
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;
    }
}
