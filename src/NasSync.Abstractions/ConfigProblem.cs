namespace NasSync;

/// <summary>The severity of a configuration problem.</summary>
public enum ConfigSeverity
{
    /// <summary>The configuration works, but probably not as intended.</summary>
    Warning,

    /// <summary>Nothing runs until the problem is fixed.</summary>
    Error,
}

/// <summary>One mistake in the configuration.</summary>
/// <param name="Severity">The severity.</param>
/// <param name="Source">The file as it was named, or <c>environment</c>.</param>
/// <param name="Line">From 1; 0 when the problem has no position in a file.</param>
/// <param name="Column">From 1; 0 when the problem has no position in a file.</param>
/// <param name="Setting">The setting's path, such as <c>nasSync.routes[2].to</c>, or the variable's name.</param>
/// <param name="Message">What is wrong and how to fix it.</param>
public sealed record ConfigProblem(ConfigSeverity Severity, string Source, int Line, int Column, string Setting, string Message)
{
    /// <summary>The format of compiler messages: <c>file:line:column: error: setting: message</c>.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{Source}:{Line}:{Column}" : Source;
        var severity = Severity == ConfigSeverity.Error ? "error" : "warning";
        return $"{place}: {severity}: {Setting}: {Message}";
    }
}
