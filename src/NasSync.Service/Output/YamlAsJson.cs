using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace NasSync.Service.Output;

/// <summary>Converts YAML that NasSync printed itself to JSON, so that people and programs see the same configuration.</summary>
internal static class YamlAsJson
{
    /// <summary>Writes the members of the top mapping into the open JSON object.</summary>
    public static void WriteMembers(Utf8JsonWriter json, string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        WriteMembers(json, (YamlMappingNode)stream.Documents[0].RootNode);
    }

    private static void WriteMembers(Utf8JsonWriter json, YamlMappingNode mapping)
    {
        foreach (var (key, value) in mapping)
        {
            json.WritePropertyName(((YamlScalarNode)key).Value!);
            Write(json, value);
        }
    }

    private static void Write(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                json.WriteStartObject();
                WriteMembers(json, mapping);
                json.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                json.WriteStartArray();
                foreach (var child in sequence) Write(json, child);
                json.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                Write(json, scalar);
                break;
        }
    }

    // Only an unquoted scalar may be anything but text.
    private static void Write(Utf8JsonWriter json, YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain) json.WriteStringValue(text);
        else if (text.Length == 0) json.WriteNullValue();
        else if (text is "true" or "false") json.WriteBooleanValue(text == "true");
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) json.WriteNumberValue(number);
        else json.WriteStringValue(text);
    }
}
