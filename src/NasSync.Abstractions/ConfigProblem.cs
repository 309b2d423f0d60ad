namespace NasSync;

/// <summary>How bad a configuration problem is.</summary>
public enum ConfigSeverity
{
    /// <summary>Works, but probably not as meant.</summary>
    Warning,

    /// <summary>Nothing runs until it is mended.</summary>
    Error,
}

/// <summary>One mistake in the configuration.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Source">The file as it was given, or <c>environment</c>.</param>
/// <param name="Line">From 1; 0 when the problem has no place in a file.</param>
/// <param name="Column">From 1; 0 when the problem has no place in a file.</param>
/// <param name="Setting">The setting's path, such as <c>nasSync.routes[2].to</c>, or the variable's name.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
public sealed record ConfigProblem(ConfigSeverity Severity, string Source, int Line, int Column, string Setting, string Message)
{
    /// <summary>The compiler's form: <c>file:line:column: error: setting: message</c>.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{Source}:{Line}:{Column}" : Source;
        var severity = Severity == ConfigSeverity.Error ? "error" : "warning";
        return $"{place}: {severity}: {Setting}: {Message}";
    }
}
