using System.Text;
using NasSync.Config.Reading;
using NasSync.Files;

namespace NasSync.Config;

/// <summary>
/// Reads the configuration: defaults, then YAML file, then environment; later sources win. Callers apply parameters afterwards with <c>with</c>.
/// </summary>
public static class ConfigLoader
{
    /// <summary>Reads all sources. Never throws for their content: the result lists every mistake.</summary>
    public static ConfigResult Load(ConfigSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var problems = new ProblemList();
        var current = Path.GetFullPath(sources.CurrentFolder);
        var home = Home(sources.Environment);
        var file = FullFile(sources.FilePath, current);

        // A descriptor that a shell passed (/dev/fd/N) has no folder of its own.
        var folder = (file is null || NamedFile.IsHanded(file) ? null : Path.GetDirectoryName(file)) ?? current;
        var draft = new ConfigDraft(new SyncConfig { WorkDir = Path.Join(folder, "nas-sync-work"), File = file });
        var atCurrent = new PathResolver(current, home);

        if (sources.FilePath is not { } given)
        {
            if (VariablesAlone.AreSet(sources.Environment)) VariablesAlone.Apply(draft, atCurrent);
        }
        else if (StrayName(given, sources.Environment) is { } stray)
        {
            problems.Error(EnvironmentReader.OriginOf(ConfigLocator.Variable), stray);
        }
        else
        {
            var text = ReadFile(given, file, problems);
            if (text is not null && YamlComposer.TryCompose(given, text, problems, out var document))
                YamlSettings.Read(given, document, draft, problems, new(folder, home));
        }

        EnvironmentSettings.Apply(new(sources.Environment, draft, problems, atCurrent), draft, problems);
        var config = ConfigCheck.Finish(draft, problems);
        return new()
        {
            Config = problems.HasErrors ? null : config,
            Problems = problems.InOrder(),
            Origins = draft.Origins.ToDictionary(pair => pair.Key, pair => OriginName(pair.Value), StringComparer.OrdinalIgnoreCase),
        };
    }

    private static string OriginName(Origin origin)
    {
        if (origin.IsDefault) return "default without a file";
        return origin.Place.Source == Place.Environment ? origin.Setting : $"{Path.GetFileName(origin.Place.Source)}:{origin.Place.Line}";
    }

    // A file name in quotes is refused even if such a file exists: the user meant another one.
    private static string? StrayName(string given, IReadOnlyDictionary<string, string> environment) =>
        given.Length > 0 && environment.GetValueOrDefault(ConfigLocator.Variable) == given
            ? StrayText.OfVariable(ConfigLocator.Variable, given)
            : null;

    private static string? Home(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var name in (string[])["HOME", "USERPROFILE"])
        {
            if (environment.TryGetValue(name, out var home) && Path.IsPathFullyQualified(home)) return home;
        }

        return null;
    }

    private static string? FullFile(string? given, string current) =>
        string.IsNullOrEmpty(given) || given.Contains('\0') ? null : Path.GetFullPath(given, current);

    private static string? ReadFile(string given, string? file, ProblemList problems)
    {
        try
        {
            if (Directory.Exists(file)) return Refuse("The configuration file is a folder; name the file in it.");
            if (!File.Exists(file))
                return Refuse("The configuration file does not exist; correct its name, or write one with 'nassync config init'.");
            using var stream = NamedFile.OpenRead(file);
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return NamedFile.ReadUpTo(reader, Limits.LargestFile) ?? Refuse("The configuration file is larger than 1 MiB; it cannot be one.");
        }
        catch (DecoderFallbackException)
        {
            return Refuse("The configuration file is not UTF-8; save it as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Refuse($"The configuration file cannot be read: {e.Message.TrimEnd('.')}.");
        }

        string? Refuse(string message)
        {
            problems.Error(new(given, 0, 0), "config", message);
            return null;
        }
    }
}
