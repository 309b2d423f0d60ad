using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace NasSync.Config;

/// <summary>Lists the effective configuration setting by setting, in the order and wording of <see cref="ConfigPrinter"/>.</summary>
public static class ConfigSettings
{
    /// <summary>All settings; unset ones come last.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="origins"><see cref="ConfigResult.Origins"/>.</param>
    public static IReadOnlyList<SyncSetting> Of(SyncConfig config, IReadOnlyDictionary<string, string> origins)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(origins);
        var stream = new YamlStream();
        stream.Load(new StringReader(ConfigPrinter.Yaml(config)));
        var settings = new List<SyncSetting>();
        foreach (var (_, root) in (YamlMappingNode)stream.Documents[0].RootNode) Add("", root);

        // The printed file omits unset settings; list them too, so that asking for one does not report an unknown name.
        foreach (var unset in ConfigSchema.SettingsOf(typeof(SyncConfig)).Where(property => property.GetValue(config) is null))
            Put(JsonNamingPolicy.CamelCase.ConvertName(unset.Name), null);
        return settings;

        void Add(string name, YamlNode node)
        {
            switch (node)
            {
                case YamlMappingNode mapping:
                    foreach (var (key, value) in mapping) Add(name.Length == 0 ? $"{key}" : $"{name}.{key}", value);
                    break;
                case YamlSequenceNode list when list.All(item => item is YamlScalarNode):
                    Put(name, string.Join(", ", list.Select(item => ((YamlScalarNode)item).Value)));
                    break;
                case YamlSequenceNode list:
                    for (var i = 0; i < list.Children.Count; i++) Add($"{name}[{i + 1}]", list.Children[i]);
                    break;
                case YamlScalarNode scalar:
                    Put(name, scalar.Value);
                    break;
            }
        }

        void Put(string name, string? value) =>
            settings.Add(new SyncSetting { Name = name, Value = string.IsNullOrEmpty(value) ? null : value, Origin = OriginOf(name) });

        // Parts of a list or section inherit the origin of the whole.
        string OriginOf(string name)
        {
            for (var part = name; part.Length > 0; part = part[..Math.Max(0, part.LastIndexOfAny(['.', '[']))])
                if (origins.TryGetValue(part, out var origin)) return origin;
            return "default";
        }
    }
}
