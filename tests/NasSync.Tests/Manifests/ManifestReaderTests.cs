using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NasSync.Manifests;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Manifests;

public sealed class ManifestReaderTests
{
    private const string Whole = """
        {
          "job_id": "job_1", "source_type": "youtube", "artist": "Mira Solène", "album": "Paper Moons", "title": "Northern Line",
          "processed_at": "2026-01-14T09:31:07+01:00",
          "artifacts": [
            { "kind": "audio", "variant": "instrumental", "label": "Instrumental", "path": "audio/a.m4a", "codec": "aac",
              "container": "m4a", "duration_sec": 5.25, "size": 51668,
              "sha256": "8063C3E579C1DF94C4487E1C644225AC4192F68316B460FEEB3CC13F69CCBC6B", "loudness": { "lufs": -14.0 } },
            { "kind": "video", "path": "b.mp4", "variant": null }
          ],
          "youtube": { "video_id": "x1", "url": "https://example.com/x1", "channel": "c", "title": "t", "online_duration_sec": 6, "likes": 7 },
          "stems_generated": ["drums", "bass"], "stems_preserved": false, "producer": { "name": "p", "tags": [1, "two", null] }
        }
        """;

    [Fact]
    public void Every_field_of_the_producers_format_is_read()
    {
        var manifest = Read(Whole);

        Assert.Equal(("job_1", "youtube", "Mira Solène", "Paper Moons", "Northern Line"),
            (manifest.JobId, manifest.SourceType, manifest.Artist, manifest.Album, manifest.Title));
        Assert.Equal(new DateTimeOffset(2026, 1, 14, 8, 31, 7, TimeSpan.Zero), manifest.ProcessedAt);
        Assert.Equal("/jobs/1/manifest.json", manifest.Path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Whole))), manifest.Generation);
        var audio = manifest.Artifacts[0];
        Assert.Equal(("audio", "instrumental", "Instrumental", "audio/a.m4a", "aac", "m4a"),
            (audio.Kind, audio.Variant, audio.Label, audio.Path, audio.Codec, audio.Container));
        Assert.Equal((5.25, 51668L), (audio.DurationSec, audio.Size));
        Assert.Equal("8063c3e579c1df94c4487e1c644225ac4192f68316b460feeb3cc13f69ccbc6b", audio.Sha256);
        Assert.Equal(-14.0, audio.UnknownJson["loudness"].GetProperty("lufs").GetDouble());
        Assert.Equal(new Artifact { Kind = "video", Path = "b.mp4", UnknownJson = manifest.Artifacts[1].UnknownJson }, manifest.Artifacts[1]);
        Assert.Equal(("x1", "https://example.com/x1", "c", "t", 6.0),
            (manifest.YouTube!.VideoId, manifest.YouTube.Url, manifest.YouTube.Channel, manifest.YouTube.Title, manifest.YouTube.OnlineDurationSec));
        Assert.Equal(7, manifest.YouTube.UnknownJson["likes"].GetInt32());
        Assert.Equal(["drums", "bass"], Assert.IsAssignableFrom<IReadOnlyList<string>>(manifest.StemsGenerated));
        Assert.Equal(false, manifest.StemsPreserved);
        Assert.Equal("""{"name":"p","tags":[1,"two",null]}""", manifest.UnknownJson["producer"].GetRawText());
        var producer = Assert.IsAssignableFrom<IReadOnlyDictionary<string, object?>>(manifest.Unknown["producer"]);
        Assert.Equal("p", producer["name"]);
        Assert.Equal([1L, "two", null], Assert.IsAssignableFrom<IReadOnlyList<object?>>(producer["tags"]));
        Assert.Equal(7L, manifest.YouTube.Unknown["likes"]);
    }

    public static TheoryData<string, object?> Values => new()
    {
        { "null", null },
        { "true", true },
        { "-5", -5L },
        { "9223372036854775807", long.MaxValue },
        { "12345678901234567890123", 12345678901234567890123m },
        { "-14.5", -14.5 },
        { "1e-30", 1e-30 },
        { "1e400", "1e400" },
        { "\"\\u00e9\"", "é" },
        { "\"\\ud83c\"", "\"\\ud83c\"" },
        { "{\"\\ud83c\":1}", "{\"\\ud83c\":1}" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_field_that_is_not_ours_is_a_plain_value_and_exact_where_a_type_can_hold_it(string json, object? value)
    {
        using var document = JsonDocument.Parse(json);
        var artifact =
            new Artifact { Kind = "audio", Path = "a", UnknownJson = new Dictionary<string, JsonElement> { ["x"] = document.RootElement } };
        Assert.Equal(value, artifact.Unknown["x"]);
        Assert.Equal(value?.GetType(), artifact.Unknown["x"]?.GetType());
    }

    [Fact]
    public void A_file_that_its_producer_still_holds_open_can_be_read_and_a_missing_one_is_gone()
    {
        using var folder = new TempFolder();
        var path = folder.Write("job/manifest.json", Whole);
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            Assert.Equal(path, ManifestFile.Read(path).Path);

        var failure = Assert.Throws<FailureException>(() => ManifestFile.Read(folder["job/other.json"])).Failure;
        Assert.Equal((FailureClass.Gone, "ManifestGone"), (failure.Class, failure.Code));
    }

    private static Manifest Read(string json) => ManifestReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "/jobs/1/manifest.json");
}
