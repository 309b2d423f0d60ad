using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// The meaning of a parameter of names or patterns, the same for every cmdlet: case is ignored except for jobs, a pattern without a match is silent,
/// and an unknown name is one error with the name as its target.
/// </summary>
internal sealed class NameFilter
{
    private readonly List<(string Text, WildcardPattern Pattern)> _names;
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly StringComparison _comparison;

    /// <summary>Takes the names; null means everything.</summary>
    public NameFilter(IEnumerable<string>? names, bool ignoreCase = true)
    {
        IsAll = names is null;
        _comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        _names = [.. (names ?? []).Select(name => (name, Pattern(name, ignoreCase)))];
    }

    /// <summary>Whether no names were given.</summary>
    public bool IsAll { get; }

    /// <summary>The existing names so far: those given to <see cref="Matches"/>; empty when <see cref="IsAll"/>.</summary>
    public IReadOnlyCollection<string> Seen => _seen;

    /// <summary>The names so far without a match that are no patterns.</summary>
    public IEnumerable<string> Missing =>
        _names.Select(name => name.Text)
            .Where(text => !_found.Contains(text) && !WildcardPattern.ContainsWildcardCharacters(text))
            .Select(WildcardPattern.Unescape);

    /// <summary>Whether an item matches one of the names. A name with brackets also matches literally.</summary>
    public bool Matches(params ReadOnlySpan<string?> names)
    {
        var isMeant = IsAll;
        if (!IsAll) _seen.UnionWith(names.ToArray().OfType<string>());
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

    /// <summary>Writes the matching items, then an error for each name without a match.</summary>
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

    /// <summary>Replaces patterns by the names that they match; leaves names and paths as they are.</summary>
    public static IEnumerable<string> Expand(IEnumerable<string> given, IEnumerable<string> known) => given.SelectMany(text =>
    {
        if (known.Contains(text, StringComparer.OrdinalIgnoreCase) || SessionPath.IsPath(text) || !WildcardPattern.ContainsWildcardCharacters(text))
            return [WildcardPattern.Unescape(text)];
        var filter = new NameFilter([text]);
        return known.Where(name => filter.Matches(name));
    });

    // A text with an unclosed bracket is no valid pattern, so it can only be a name.
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
