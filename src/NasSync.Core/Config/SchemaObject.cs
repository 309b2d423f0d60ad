using System.Text.Json.Nodes;

namespace NasSync.Config;

/// <summary>The JSON Schema fragments that <see cref="ConfigSchema"/> uses.</summary>
internal static class SchemaObject
{
    public static JsonObject Of(IEnumerable<KeyValuePair<string, JsonObject>> properties, IEnumerable<string>? required = null)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(properties.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        };
        if (required is not null) schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        return schema;
    }

    public static JsonObject Map(string keyPattern, JsonObject value) => new()
    {
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["pattern"] = keyPattern },
        ["additionalProperties"] = value,
    };

    public static JsonObject List(JsonObject item) => new() { ["type"] = "array", ["items"] = item };

    public static JsonObject OneOrMany(JsonObject item) => new() { ["anyOf"] = new JsonArray(item, List((JsonObject)item.DeepClone())) };

    public static JsonObject Enum(IEnumerable<string> names) => new() { ["enum"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]) };

    public static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    /// <summary>
    /// A string with a pattern; <paramref name="number"/> also allows a number that is not negative, because YAML reads a bare one as such. A pattern
    /// judges strings only.
    /// </summary>
    public static JsonObject Text(string pattern, bool number = false)
    {
        var text = new JsonObject { ["type"] = number ? new JsonArray("string", "number") : "string", ["pattern"] = pattern };
        if (number) text["minimum"] = 0;
        return text;
    }

    /// <summary>A string with a pattern, or a number above zero.</summary>
    public static JsonObject Rate(string pattern) => new()
    {
        ["type"] = new JsonArray("string", "number"),
        ["pattern"] = pattern,
        ["exclusiveMinimum"] = 0,
    };
}
