using System.Text;
using System.Text.Json;
using NasSync.Config;
using NasSync.Manifests;
using NasSync.Routing;

namespace NasSync.Tests.Manifests;

/// <summary>Fields that do not matter for copying and are not as they should be: a warning, never a refusal.</summary>
public sealed class ManifestOddityTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData("\"artist\":[\"a\",{\"b\":1}]", "artist must be a string, not a list")]
    [InlineData("\"album\":{\"a\":[]}", "album must be a string, not an object")]
    [InlineData("\"title\":true", "title must be a string, not true")]
    [InlineData("\"source_type\":1", "source_type must be a string, not 1")]
    [InlineData("\"youtube\":\"x\"", "youtube must be an object, not a string")]
    [InlineData("\"youtube\":[{\"a\":1}]", "youtube must be an object, not a list")]
    [InlineData("\"youtube\":{\"title\":1}", "youtube.title must be a string, not 1")]
    [InlineData("\"youtube\":{\"online_duration_sec\":\"6\"}", "youtube.online_duration_sec must be a number of seconds, 0 or more, not a string")]
    [InlineData("\"stems_generated\":1", "stems_generated must be true, false or a list of strings, not 1")]
    [InlineData("\"stems_generated\":{\"drums\":true}", "stems_generated must be true, false or a list of strings, not an object")]
    [InlineData("\"stems_preserved\":[\"a\",1]", "stems_preserved must be true, false or a list of strings, and not all of its items are strings")]
    [InlineData("\"processed_at\":\"\"", "processed_at must be a date and time in ISO 8601, such as 2026-01-31T18:30:00Z, not a string")]
    [InlineData("\"processed_at\":\"yesterday\"", "processed_at must be")]
    [InlineData("\"processed_at\":\"01/02/2026\"", "processed_at must be")]
    [InlineData("\"processed_at\":\"2026-02-30T00:00:00Z\"", "processed_at must be")]
    [InlineData("\"processed_at\":\"20260230T000000Z\"", "processed_at must be")]
    [InlineData("\"processed_at\":1767225600", "processed_at must be a date and time in ISO 8601, such as 2026-01-31T18:30:00Z, not 1767225600")]
    public void A_field_of_the_manifest_that_is_not_as_it_should_be_is_a_warning_and_survives(string field, string what)
    {
        var manifest = Read(field, "");

        Assert.Equal("ManifestOdd", manifest.Oddity?.Code);
        Assert.StartsWith("/j/manifest.json:1:", manifest.Oddity!.Message, StringComparison.Ordinal);
        Assert.Contains($": {what}", manifest.Oddity.Message, StringComparison.Ordinal);
        Assert.Contains(Compact(field), Written(manifest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"duration_sec\":\"5.0\"", 5.0)]
    [InlineData("\"duration_sec\":\"five\"", null)]
    [InlineData("\"duration_sec\":-5", null)]
    [InlineData("\"duration_sec\":1e400", null)]
    [InlineData("\"duration_sec\":[1,[2]]", null)]
    [InlineData("\"codec\":7", null)]
    [InlineData("\"container\":{\"a\":{}}", null)]
    [InlineData("\"label\":false", null)]
    public void A_field_of_an_artifact_that_is_not_as_it_should_be_is_a_warning_and_survives(string field, double? seconds)
    {
        var manifest = Read("\"artist\":\"a\"", "," + field);

        Assert.StartsWith("/j/manifest.json:1:", manifest.Oddity!.Message, StringComparison.Ordinal);
        Assert.Contains($": artifacts[0].{field.Split('"')[1]} must be", manifest.Oddity.Message, StringComparison.Ordinal);
        Assert.Equal(seconds, manifest.Artifacts[0].DurationSec);
        Assert.Contains(Compact(field), Written(manifest), StringComparison.Ordinal);
        Assert.Single(Occurrences(Written(manifest), field.Split('"')[1]));
    }

    [Theory]
    [InlineData("20250101T120530Z", "2025-01-01T12:05:30.0000000+00:00")]
    [InlineData("20250101T120530", "2025-01-01T12:05:30.0000000+00:00")]
    [InlineData("20250101T120530.25+0130", "2025-01-01T12:05:30.2500000+01:30")]
    [InlineData("20250101T1205-08", "2025-01-01T12:05:00.0000000-08:00")]
    [InlineData("20250101", "2025-01-01T00:00:00.0000000+00:00")]
    [InlineData(" 2025-01-01T12:05:30Z ", "2025-01-01T12:05:30.0000000+00:00")]
    public void A_time_in_the_basic_form_is_understood_and_kept_as_it_stands(string given, string expected)
    {
        var manifest = Read($"\"processed_at\":\"{given}\"", "");

        Assert.Equal(expected, manifest.ProcessedAt?.ToString("O", null));
        Assert.NotNull(manifest.Oddity);
        Assert.Contains($"\"processed_at\":\"{given}\"", Written(manifest), StringComparison.Ordinal);
        Assert.Single(Occurrences(Written(manifest), "processed_at"));
    }

    [Fact]
    public void A_number_where_a_text_should_be_is_the_text() => Assert.Equal("1984", Read("\"title\":1984", "").Title);

    [Fact]
    public void Many_odd_fields_are_one_warning()
    {
        var manifest = Read("\"title\":1,\"album\":2,\"processed_at\":\"\"", ",\"duration_sec\":\"1\"");

        Assert.EndsWith(
            "title must be a string, not 1, and 3 other fields are not as they should be.", manifest.Oddity!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_stems_is_no_oddity()
    {
        var manifest = Read("\"stems_generated\":[\"drums\",\"bass\"],\"stems_preserved\":[]", "");

        Assert.Null(manifest.Oddity);
        Assert.Equal(["drums", "bass"], Assert.IsAssignableFrom<IReadOnlyList<string>>(manifest.StemsGenerated));
        Assert.Empty(manifest.UnknownJson);
    }

    [Theory]
    [InlineData("${processedAt:yyyy}", "\"processed_at\":\"\"", "", "${processedAt:yyyy} needs `processed_at` of the manifest, and '\"\"' is none")]
    [InlineData("${artist}", "\"artist\":[1]", "", "${artist} needs `artist` of the manifest, and '[1]' is none")]
    [InlineData("${codec}", "\"artist\":\"a\"", ",\"codec\":{}", "${codec} needs `codec` of the manifest, and '{}' is none")]
    public void A_placeholder_that_needs_such_a_value_refuses_the_item_with_the_cause(string placeholder, string field, string ofArtifact, string why)
    {
        var decision = Resolve(Read(field, ofArtifact), $"/nas/{placeholder}");

        Assert.Equal((FailureClass.Config, "ManifestField"), (decision.Failure!.Class, decision.Failure.Code));
        Assert.Contains(why, decision.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_that_does_not_need_the_value_takes_the_item() =>
        Assert.Single(Resolve(Read("\"processed_at\":\"\",\"artist\":{}", ",\"duration_sec\":\"x\""), "/nas/${jobId}").Targets);

    private static RouteDecision Resolve(Manifest manifest, string to) =>
        new RouteTable(new SyncConfig { WorkDir = "/w", Routes = [new Route { Number = 1, To = [to] }] }).Resolve(manifest)[0];

    private static Manifest Read(string field, string ofArtifact)
    {
        var json = "{\"job_id\":\"j\"," + field + ",\"artifacts\":[{\"kind\":\"k\",\"path\":\"a\"" + ofArtifact + "}]}";
        return ManifestReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "/j/manifest.json");
    }

    private static string Written(Manifest manifest)
    {
        using var stream = new MemoryStream();
        ManifestWriter.Write(stream, manifest);
        return Compact(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static string Compact(string json) => json.StartsWith('{') ? JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement, Plain) : json;

    private static string[] Occurrences(string text, string field) => [.. text.Split($"\"{field}\":").Skip(1)];
}
