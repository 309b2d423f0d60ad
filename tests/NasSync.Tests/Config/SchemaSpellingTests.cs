using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NasSync.Config;

namespace NasSync.Tests.Config;

/// <summary>The schema and the reader judge a spelling alike: an editor marks what a run refuses, and nothing else.</summary>
public sealed partial class SchemaSpellingTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(ConfigSchema.Json())!;

    [Theory]
    [InlineData("20MiB", true)]
    [InlineData("20mib", true)]
    [InlineData("20 MiB", true)]
    [InlineData("20  MiB", true)]
    [InlineData("20MB", true)]
    [InlineData("1.5GiB", true)]
    [InlineData(".5MiB", true)]
    [InlineData("5.MiB", true)]
    [InlineData("100000", true)]
    [InlineData("100000.5", true)]
    [InlineData("100000B", true)]
    [InlineData("0", true)]
    [InlineData("20M", false)]
    [InlineData("20Mi", false)]
    [InlineData("20m", false)]
    [InlineData("20KiBB", false)]
    [InlineData("20MiB/s", false)]
    [InlineData("-20MiB", false)]
    [InlineData("-100000", false)]
    [InlineData("1,000MiB", false)]
    [InlineData("MiB", false)]
    [InlineData("' 20MiB'", false)]
    [InlineData("'20MiB '", false)]
    public void A_size(string text, bool isGood) => Same(["logMaxSize"], text, isGood);

    [Theory]
    [InlineData("5MiB", true)]
    [InlineData("5MiB/s", true)]
    [InlineData("5 MiB/s", true)]
    [InlineData("5MB", true)]
    [InlineData("5000000/s", true)]
    [InlineData("5000000", true)]
    [InlineData("0.5MiB", true)]
    [InlineData("20M", false)]
    [InlineData("20M/s", false)]
    [InlineData("5MiB/S", false)]
    [InlineData("5MiB /s", false)]
    [InlineData("5MiB/h", false)]
    [InlineData("5MiBps", false)]
    [InlineData("0", false)]
    [InlineData("0MiB", false)]
    [InlineData("-5", false)]
    [InlineData("unlimited", false)]
    [InlineData("0.1", true)]
    [InlineData("0.0001KiB", true)]
    [InlineData("0.0KiB", false)]
    [InlineData("' 5MiB'", false)]
    [InlineData("'5MiB '", false)]
    public void A_rate_of_a_destination(string text, bool isGood) => Same(["destinations", "nas", "bandwidthLimit"], text, isGood);

    [Theory]
    [InlineData("5MiB", true)]
    [InlineData("5MiB/s", true)]
    [InlineData("5 MiB", true)]
    [InlineData("5000000", true)]
    [InlineData("unlimited", true)]
    [InlineData("08:00-18:00 5MiB", true)]
    [InlineData("08:00-18:00 5 MiB/s", true)]
    [InlineData("8:00-18:00  unlimited", true)]
    [InlineData("18:00-24:00 1MB", true)]
    [InlineData("08:00-18:00 5M", false)]
    [InlineData("08:00-18:00 0", false)]
    [InlineData("08:00-18:00", false)]
    [InlineData("24:30-25:00 5MiB", false)]
    [InlineData("29:00-18:00 5MiB", false)]
    [InlineData("8-18 5MiB", false)]
    [InlineData("08:00-18:00 5MiB 6MiB", false)]
    [InlineData("20M", false)]
    [InlineData("5 MiB fast", false)]
    [InlineData("0", false)]
    [InlineData("-5", false)]
    [InlineData("0.1", true)]
    [InlineData("' 5MiB '", true)]
    [InlineData("' 08:00-18:00 5MiB '", true)]
    [InlineData("08:00-08:00 5MiB", false)]
    [InlineData("' 08:00-08:00 5MiB'", false)]
    [InlineData("8:00-08:00 5MiB", false)]
    [InlineData("08:00-8:00 5MiB", false)]
    [InlineData("00:00-24:00 5MiB", false)]
    [InlineData("0:00-24:00 unlimited", false)]
    [InlineData("24:00-00:00 5MiB", false)]
    [InlineData("24:00-24:00 5MiB", false)]
    [InlineData("18:00-8:00 5MiB", true)]
    [InlineData("00:00-10:00 5MiB", true)]
    [InlineData("24:00-08:00 5MiB", true)]
    public void A_line_of_the_timetable(string text, bool isGood) => Same(["bandwidthLimit"], text, isGood);

    [Theory]
    [InlineData("250ms", true)]
    [InlineData("5s", true)]
    [InlineData("1.5h", true)]
    [InlineData(".5s", true)]
    [InlineData("5.s", true)]
    [InlineData("5", true)]
    [InlineData("0", true)]
    [InlineData("5S", false)]
    [InlineData("5 s", false)]
    [InlineData("5sec", false)]
    [InlineData("1h30m", false)]
    [InlineData("-5", false)]
    [InlineData("-5s", false)]
    public void A_duration(string text, bool isGood) => Same(["settle"], text, isGood);

    [Theory]
    [InlineData("fileMode", "0640", true)]
    [InlineData("fileMode", "'640'", true)]
    [InlineData("fileMode", "'00640'", true)]
    [InlineData("fileMode", "'2640'", false)]
    [InlineData("fileMode", "'0240'", false)]
    [InlineData("fileMode", "'0680'", false)]
    [InlineData("fileMode", "rw-r-----", false)]
    [InlineData("dirMode", "0750", true)]
    [InlineData("dirMode", "'02770'", true)]
    [InlineData("dirMode", "'1777'", true)]
    [InlineData("dirMode", "'4750'", false)]
    [InlineData("dirMode", "'0640'", false)]
    public void A_mode(string setting, string text, bool isGood) => Same([setting], text, isGood);

    [Theory]
    [InlineData("1000", true)]
    [InlineData("'1000'", true)]
    [InlineData("media", false)]
    [InlineData("-1", false)]
    public void An_owner_over_sftp(string text, bool isGood) => Same(["destinations", "sftp", "owner"], text, isGood);

    private static void Same(string[] setting, string text, bool isGood)
    {
        var (yaml, schema) = ("nasSync:\n", Schema["properties"]!["nasSync"]!["properties"]!);
        if (setting is ["destinations", var name, _])
        {
            var (type, number) = name == "sftp" ? ("type: sftp\n      host: nas", 2) : ("type: local", 0);
            yaml += $"  destinations:\n    {name}:\n      {type}\n      root: /srv\n      {setting[^1]}: {text}\n";
            schema = schema["destinations"]!["additionalProperties"]!["oneOf"]![number]!["properties"]!;
        }
        else
        {
            yaml += $"  {setting[0]}: {text}\n";
        }

        var problems = ConfigText.Problems(yaml);
        Assert.True(isGood == (problems.Length == 0), $"the reader, of '{text}': {string.Join(" ", problems)}");
        Assert.True(isGood == Accepts(schema[setting[^1]]!, AsEditorsRead(text)), $"the schema, of '{text}'");
    }

    // The words of JSON Schema that forms of text use.
    private static bool Accepts(JsonNode schema, object value)
    {
        if ((string?)schema["$ref"] is { } name) return Accepts(Schema["$defs"]![name.Split('/')[^1]]!, value);
        if (schema["anyOf"] is JsonArray any) return any.Any(one => Accepts(one!, value));
        string[] types = schema["type"] is JsonArray several ? [.. several.Select(type => (string)type!)] : [(string)schema["type"]!];
        return value is decimal number
            ? types.Contains("number")
                && (schema["minimum"] is not { } least || number >= (decimal)least)
                && (schema["exclusiveMinimum"] is not { } below || number > (decimal)below)
            : types.Contains("string") && Regex.IsMatch((string)value, (string)schema["pattern"]!, RegexOptions.ECMAScript);
    }

    // YAML's core schema: a bare number is a number.
    private static object AsEditorsRead(string text) =>
        BareNumber().IsMatch(text) ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : text.Trim('\'');

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)$")]
    private static partial Regex BareNumber();
}
