using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>Loads configurations from texts, as the file <c>nas-sync.yaml</c> of a folder that is gone afterwards.</summary>
internal static class ConfigText
{
    public const string FileName = "nas-sync.yaml";

    public static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>();

    /// <summary>Loads a file with this text; <c>FOLDER</c> in it stands for the file's folder.</summary>
    public static ConfigResult Load(string? yaml, params (string Name, string Value)[] variables)
    {
        using var folder = new TempFolder();
        return Load(folder.Path, yaml, variables);
    }

    public static ConfigResult Load(string folder, string? yaml, params (string Name, string Value)[] variables)
    {
        if (yaml is not null) File.WriteAllText(Path.Combine(folder, FileName), yaml);
        return ConfigLoader.Load(new()
        {
            FilePath = yaml is null ? null : FileName,
            Environment = new Dictionary<string, string>(variables.Select(v => KeyValuePair.Create(v.Name, v.Value))) { ["HOME"] = "/home/me" },
            CurrentFolder = folder,
        });
    }

    /// <summary>Loads a text that has no problem at all.</summary>
    public static SyncConfig Good(string? yaml, params (string Name, string Value)[] variables)
    {
        var result = Load(yaml, variables);
        Assert.Empty(result.Problems.Select(problem => problem.ToString()));
        return result.Config!;
    }

    /// <summary>The problems of a text, as a user sees them.</summary>
    public static string[] Problems(string? yaml, params (string Name, string Value)[] variables) =>
        [.. Load(yaml, variables).Problems.Select(problem => problem.ToString())];
}
