using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// What a parameter of names or patterns means, the same for every cmdlet: case does not count but for jobs, a pattern that matches nothing is
/// silent, and a name that is nobody's is one error with the name as its target.
/// </summary>
internal sealed class NameFilter
{
    private readonly List<(string Text, WildcardPattern Pattern)> _names;
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private readonly StringComparison _comparison;

    /// <summary>Takes the names; null: everything is meant.</summary>
    public NameFilter(IEnumerable<string>? names, bool ignoreCase = true)
    {
        IsAll = names is null;
        _comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        _names = [.. (names ?? []).Select(name => (name, Pattern(name, ignoreCase)))];
    }

    /// <summary>True when no names were given.</summary>
    public bool IsAll { get; }

    /// <summary>The names that matched nothing so far and are no patterns.</summary>
    public IEnumerable<string> Missing =>
        _names.Select(name => name.Text)
            .Where(text => !_found.Contains(text) && !WildcardPattern.ContainsWildcardCharacters(text))
            .Select(WildcardPattern.Unescape);

    /// <summary>Whether a name is meant. One with brackets matches as it stands, too.</summary>
    public bool Matches(params ReadOnlySpan<string?> names)
    {
        var isMeant = IsAll;
        foreach (var (text, pattern) in _names)
        {
            foreach (var name in names)
            {
                if (name is null || !(pattern.IsMatch(name) || text.Equals(name, _comparison))) continue;
                _found.Add(text);
                isMeant = true;
            }
        }

        return isMeant;
    }

    /// <summary>Writes what is meant, then an error for each name that is nobody's.</summary>
    public static void Write<T>(
        PSCmdlet cmdlet,
        IEnumerable<string>? names,
        IEnumerable<T> items,
        Func<T, string> nameOf,
        Func<string, Failure> unknown)
        where T : notnull
    {
        var filter = new NameFilter(names);
        foreach (var item in items)
            if (filter.Matches(nameOf(item))) cmdlet.WriteObject(item);
        foreach (var name in filter.Missing) cmdlet.WriteError(ErrorRecords.From(unknown(name), name));
    }

    /// <summary>Patterns replaced by the names that they match; what is no pattern stays, a name as well as a path.</summary>
    public static IEnumerable<string> Expand(IEnumerable<string> given, IEnumerable<string> known) => given.SelectMany(text =>
    {
        if (known.Contains(text, StringComparer.OrdinalIgnoreCase) || SessionPath.IsPath(text) || !WildcardPattern.ContainsWildcardCharacters(text))
            return [WildcardPattern.Unescape(text)];
        var filter = new NameFilter([text]);
        return known.Where(name => filter.Matches(name));
    });

    // A bracket that is never closed is no pattern, so it can only be a name.
    private static WildcardPattern Pattern(string name, bool ignoreCase)
    {
        var options = ignoreCase ? WildcardOptions.IgnoreCase : WildcardOptions.None;
        try
        {
            var pattern = WildcardPattern.Get(name, options);
            pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException)
        {
            return WildcardPattern.Get(WildcardPattern.Escape(name), options);
        }
    }
}
