namespace NasSync.Config;

/// <summary>Where a configuration is read from.</summary>
public sealed record ConfigSources
{
    /// <summary>The YAML file, full or relative to <see cref="CurrentFolder"/>; null reads none. <see cref="ConfigLocator"/> finds it.</summary>
    public string? FilePath { get; init; }

    /// <summary>The environment's variables.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The folder where relative paths of the environment start, and those of the file when there is none.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>The sources of this process: its environment and its current folder.</summary>
    public static ConfigSources OfProcess(string? filePath = null)
    {
        var comparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        var variables = new Dictionary<string, string>(comparer);
        foreach (System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        return new() { FilePath = filePath, Environment = variables, CurrentFolder = Directory.GetCurrentDirectory() };
    }
}
