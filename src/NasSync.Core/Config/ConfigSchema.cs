using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>
/// The JSON Schema of <c>nas-sync.yaml</c>, derived from the configuration records: properties become settings, initializers become defaults,
/// required members become required keys. Editors use it to complete and check the file.
/// </summary>
public static class ConfigSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, (int Least, int Most)> Ranges = new(StringComparer.Ordinal)
    {
        ["transfers"] = (1, Limits.MostTransfers),
        ["logKeep"] = (1, Limits.MostLogFiles),
        ["metricsPort"] = (0, Limits.HighestPort),
        ["retry.maxAttempts"] = (1, Limits.MostAttempts),
        ["destinations.sftp.port"] = (1, Limits.HighestPort),
        ["destinations.sftp.connections"] = (1, Limits.MostConnections),
    };

    /// <summary>The schema, draft 2020-12.</summary>
    public static string Json()
    {
        var settings = SchemaObject.Of(Properties(typeof(SyncConfig), new SyncConfig { WorkDir = "" }, ""));
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Configuration of NasSync (nas-sync.yaml)",
        };
        foreach (var (key, value) in SchemaObject.Of([new(YamlSettings.Root, settings)], [YamlSettings.Root])) root[key] = value?.DeepClone();
        root["$defs"] = new JsonObject
        {
            ["duration"] = SchemaObject.Text(DurationText.Pattern, number: true),
            ["size"] = SchemaObject.Text(SizeText.Pattern, number: true),
            ["rate"] = SchemaObject.Rate(SizeText.RatePattern),
            ["bandwidth"] = SchemaObject.Rate(BandwidthText.Pattern),
            ["secret"] = SchemaObject.Text(Texts.SecretPattern),
            ["route"] = Route(),
        };
        return root.ToJsonString(Indented) + "\n";
    }

    // Excludes properties that only the loader sets.
    internal static IEnumerable<PropertyInfo> SettingsOf([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type) =>
        type.GetProperties()
            .Where(property => property.SetMethod is not null && property.Name is not (nameof(SyncConfig.File) or "Number" or "Name"));

    private static IEnumerable<KeyValuePair<string, JsonObject>> Properties(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type,
        object? defaults,
        string parent)
    {
        foreach (var property in SettingsOf(type))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var setting = property.Name == nameof(DestinationConfig.BandwidthLimit) && parent.Length > 0 ? "destinations." + name : parent + name;
            var schema = Of(property.PropertyType, setting);
            schema["description"] = SettingDocs.Of(setting);
            if (defaults is not null && Default(property.GetValue(defaults)) is { } value) schema["default"] = value;
            yield return new(name, schema);
        }
    }

    private static JsonObject Of(Type type, string setting) => setting switch
    {
        "finishedJobs" => SchemaObject.Text(FinishedJobsText.Pattern),
        "routes" => SchemaObject.List(SchemaObject.Reference("route")),
        "routes.to" => SchemaObject.OneOrMany(new JsonObject { ["type"] = "string", ["minLength"] = 1 }),
        "bandwidthLimit" => SchemaObject.OneOrMany(SchemaObject.Reference("bandwidth")),
        "destinations.bandwidthLimit" => SchemaObject.Reference("rate"),
        "webhooks" => SchemaObject.List(SchemaObject.Of(
            Properties(typeof(WebhookConfig), new WebhookConfig { Url = new("https://x") }, "webhooks."),
            ["url"])),
        "webhooks.events" => SchemaObject.List(SchemaObject.Enum(WebhookEvents.All)),
        "retry" => SchemaObject.Of(Properties(typeof(RetryConfig), new RetryConfig(), "retry.")),
        "remoteRoots" => SchemaObject.Map("^[A-Za-z0-9_-]+$", new JsonObject { ["type"] = new JsonArray("string", "null") }),
        "destinations" => SchemaObject.Map(DestinationReader.NamePattern, new JsonObject { ["oneOf"] = new JsonArray([.. Destinations()]) }),
        "destinations.sftp.owner" or "destinations.sftp.group" => SchemaObject.Text("^[0-9]+$", number: true),
        _ when setting.Split('.')[^1] is "fileMode" => SchemaObject.Text(Texts.FileModePattern, number: true),
        _ when setting.Split('.')[^1] is "dirMode" => SchemaObject.Text(Texts.FolderModePattern, number: true),
        _ when setting.Split('.')[^1] is "owner" or "group" => SchemaObject.Text("^.+$", number: true),
        "destinations.s3.contentTypes" => SchemaObject.Map(DestinationReader.ExtensionPattern, new JsonObject { ["type"] = "string" }),
        "destinations.s3.serverSideEncryption" => SchemaObject.Enum(DestinationReader.Encryptions),
        _ => Scalar(Nullable.GetUnderlyingType(type) ?? type, setting),
    };

    private static JsonObject Scalar(Type type, string setting)
    {
        if (type == typeof(bool)) return new() { ["type"] = "boolean" };
        if (type == typeof(int)) return new() { ["type"] = "integer", ["minimum"] = Ranges[setting].Least, ["maximum"] = Ranges[setting].Most };
        if (type == typeof(TimeSpan)) return SchemaObject.Reference("duration");
        if (type == typeof(long)) return SchemaObject.Reference("size");
        if (type == typeof(SecretReference)) return SchemaObject.Reference("secret");
        if (type == typeof(LedgerConnection)) return new() { ["type"] = "string", ["minLength"] = 1 };
        if (type == typeof(Uri)) return new() { ["type"] = "string", ["format"] = "uri", ["pattern"] = "^https?://" };
        if (type.IsEnum) return SchemaObject.Enum(Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName));
        return type == typeof(string)
            ? new() { ["type"] = "string" }
            : throw new InvalidOperationException($"The schema knows no form for {setting}.");
    }

    private static JsonObject Route()
    {
        var settings = Properties(typeof(Route), new Route { Number = 1, To = [] }, "routes.").ToDictionary();
        settings["to"].Remove("default");
        var match = SchemaObject.Of([
            new("kind", (JsonObject)settings["kind"].DeepClone()),
            new("variant", (JsonObject)settings["variant"].DeepClone()),
        ]);
        match["description"] = SettingDocs.Of("routes.match");
        return SchemaObject.Of(settings.Prepend(new("match", match)), ["to"]);
    }

    private static IEnumerable<JsonObject> Destinations() =>
    [
        Destination(typeof(LocalDestinationConfig), "local"), Destination(typeof(RsyncDestinationConfig), "rsync"),
        Destination(typeof(SftpDestinationConfig), "sftp", "scp"), Destination(typeof(S3DestinationConfig), "s3"),
    ];

    private static JsonObject Destination(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type record,
        params string[] types)
    {
        var type = SchemaObject.Enum(types);
        type["description"] = SettingDocs.Of("destinations.type");
        var required = SettingsOf(record)
            .Where(property => property.IsDefined(typeof(RequiredMemberAttribute)))
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        return SchemaObject.Of(Properties(record, null, $"destinations.{types[0]}.").Prepend(new("type", type)), ["type", .. required]);
    }

    private static JsonNode? Default(object? value) => value switch
    {
        bool flag => flag,
        FinishedJobsPolicy jobs => jobs.ToString(),
        int number => number,
        long bytes => SizeText.Format(bytes),
        TimeSpan span => DurationText.Format(span),
        Enum member => JsonNamingPolicy.CamelCase.ConvertName(member.ToString()),
        string { Length: > 0 } text => text,
        IReadOnlyList<string> texts => new JsonArray([.. texts.Select(text => JsonValue.Create(text))]),
        _ => null,
    };
}
