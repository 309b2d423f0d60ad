namespace NasSync.Config;

/// <summary>The sources of a configuration.</summary>
public sealed record ConfigSources
{
    /// <summary>
    /// The YAML file, as a full path or relative to <see cref="CurrentFolder"/>; null reads none. <see cref="ConfigLocator"/> finds it.
    /// </summary>
    public string? FilePath { get; init; }

    /// <summary>The environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The base for relative paths in variables, and for default paths when there is no file.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>The environment and current folder of this process.</summary>
    public static ConfigSources OfProcess(string? filePath = null)
    {
        var comparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        var variables = new Dictionary<string, string>(comparer);
        foreach (System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        return new() { FilePath = filePath, Environment = variables, CurrentFolder = Directory.GetCurrentDirectory() };
    }
}
