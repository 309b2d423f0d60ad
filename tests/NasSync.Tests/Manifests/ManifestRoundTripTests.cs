using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using NasSync.Manifests;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Manifests;

public sealed class ManifestRoundTripTests
{
    private static readonly Gen<string> Texts = ArbMap.Default.GeneratorFor<string>()
        .Select(text => new string([.. (text ?? "").EnumerateRunes().SelectMany(rune => rune.ToString())])) // whole characters only
        .Or(Gen.Elements("é", "e\u0301", "\"quoted\"", "\\", "\u0000\u001f", "🎵", "</script>", "\u2028", "1", "null"));

    private static readonly Gen<JsonElement> Values = Gen.Elements(
        "null", "true", "1", "1.0", "-0", "1e400", "12345678901234567890123", "\"\\u00e9\\n\\ud83c\\udfb5\"", "\"\"", "[]", "{}",
        "[[[{\"a\":[1,{}]}]]]", "{\"a\":{\"a\":{\"a\":1}},\"\":2}")
        .Select(json => JsonDocument.Parse(json).RootElement.Clone());

    private static readonly Gen<Artifact> Artifacts =
        from words in Gen.Elements("audio", "Video", " stems ", "é", "\n x").Two()
        from path in Gen.Choose(0, 5).Select(n => $"a/{n}.m4a")
        from texts in Optional(Texts).ArrayOf(4)
        from duration in Optional(ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).Select(Math.Abs).Select(value => (double?)value))
        from size in Optional(Gen.Elements<long?>(0, 1, 51668, long.MaxValue))
        from hash in Optional(Gen.Elements("8063c3e579c1df94c4487e1c644225ac4192f68316b460feeb3cc13f69ccbc6b"))
        from unknown in Unknown("loudness", "Kind", "x y", "ü")
        select new Artifact
        {
            Kind = words.Item1,
            Path = path,
            Variant = texts[0],
            Label = texts[1],
            Codec = texts[2],
            Container = texts[3],
            DurationSec = duration,
            Size = size,
            Sha256 = hash,
            UnknownJson = unknown,
        };

    private static readonly Gen<YouTubeSource> YouTube =
        from texts in Optional(Texts).ArrayOf(4)
        from duration in Optional(Gen.Elements<double?>(0, 0.1, 1e300))
        from unknown in Unknown("likes", "id")
        select new YouTubeSource
        {
            VideoId = texts[0],
            Url = texts[1],
            Channel = texts[2],
            Title = texts[3],
            OnlineDurationSec = duration,
            UnknownJson = unknown,
        };

    private static readonly Gen<Manifest> Manifests =
        from texts in Optional(Texts).ArrayOf(4)
        from id in Gen.Elements("job_1", "é", "..", "a b", "🎵")
        from artifacts in Artifacts.ListOf()
        from ticks in Optional(Gen.Choose(0, int.MaxValue).Select(n => (long?)n))
        from zone in Gen.Choose(-14 * 60, 14 * 60)
        from youtube in Optional(YouTube)
        from stems in Gen.Elements<object?>(null, true, false, Array.Empty<string>(), new[] { "drums", "drums", "é\n" }).Two()
        from unknown in Unknown("schema_version2", "Job_Id", "extra", "")
        select new Manifest
        {
            JobId = id,
            Path = "/j/manifest.json",
            Generation = "",
            SourceType = texts[0],
            Artist = texts[1],
            Album = texts[2],
            Title = texts[3],
            Artifacts = [.. artifacts.DistinctBy(artifact => artifact.Path)],
            ProcessedAt = ticks is { } t
                ? new DateTimeOffset(DateTime.UnixEpoch.AddTicks(t * 98_765_432), TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(zone))
                : null,
            YouTube = youtube,
            StemsGenerated = stems.Item1,
            StemsPreserved = stems.Item2,
            UnknownJson = unknown,
        };

    [Fact]
    public void A_manifest_written_and_read_is_the_same() =>
        Prop.ForAll(Manifests.ToArbitrary(), manifest =>
        {
            AssertSame(manifest, Read(Write(manifest)));
            return true;
        }).Check(SameEachTime.Tries(500));

    [Fact]
    public void Reading_and_writing_again_changes_no_byte() =>
        Prop.ForAll(Manifests.ToArbitrary(), manifest =>
        {
            var bytes = Write(manifest);
            return bytes.AsSpan().SequenceEqual(Write(Read(bytes)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_committed_samples_survive_a_round_trip()
    {
        var samples = Directory.GetFiles(Path.Combine(Repository.Root, "samples", "outputs"), "manifest.json", SearchOption.AllDirectories);
        Assert.NotEmpty(samples);
        foreach (var sample in samples)
        {
            var manifest = ManifestFile.Read(sample);
            AssertSame(manifest, Read(Write(manifest)));
        }
    }

    [Fact]
    public void The_writer_keeps_the_producers_order_and_readable_names()
    {
        var manifest = Read(Encoding.UTF8.GetBytes("""{"x":1,"title":"Solène","artifacts":[{"path":"a","kind":"k"}],"job_id":"j"}"""));
        Assert.Equal("""
            {
              "job_id": "j",
              "title": "Solène",
              "artifacts": [
                {
                  "kind": "k",
                  "path": "a"
                }
              ],
              "x": 1
            }
            """.ReplaceLineEndings(), Encoding.UTF8.GetString(Write(manifest)));
    }

    [Fact]
    public void Stems_of_another_type_cannot_be_written() =>
        Assert.Throws<ArgumentException>(() => Write(Read("{\"job_id\":\"j\",\"artifacts\":[]}"u8.ToArray()) with { StemsGenerated = 1 }));

    private static void AssertSame(Manifest expected, Manifest actual)
    {
        Assert.Equal((expected.JobId, expected.SourceType, expected.Artist, expected.Album, expected.Title),
            (actual.JobId, actual.SourceType, actual.Artist, actual.Album, actual.Title));
        Assert.Equal((expected.ProcessedAt, expected.ProcessedAt?.Offset), (actual.ProcessedAt, actual.ProcessedAt?.Offset));
        Assert.Equal(expected.StemsGenerated, actual.StemsGenerated);
        Assert.Equal(expected.StemsPreserved, actual.StemsPreserved);
        AssertSame(expected.UnknownJson, actual.UnknownJson);
        Assert.Equal(expected.Artifacts.Count, actual.Artifacts.Count);
        foreach (var (one, other) in expected.Artifacts.Zip(actual.Artifacts))
        {
            Assert.Equal(one, other with { UnknownJson = one.UnknownJson });
            AssertSame(one.UnknownJson, other.UnknownJson);
        }

        Assert.Equal(expected.YouTube, actual.YouTube is null ? null : actual.YouTube with { UnknownJson = expected.YouTube!.UnknownJson });
        if (expected.YouTube is not null) AssertSame(expected.YouTube.UnknownJson, actual.YouTube!.UnknownJson);
    }

    private static void AssertSame(IReadOnlyDictionary<string, JsonElement> expected, IReadOnlyDictionary<string, JsonElement> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in expected)
            Assert.True(value.ValueKind == JsonValueKind.Number
                ? value.GetRawText() == actual[name].GetRawText()
                : JsonElement.DeepEquals(value, actual[name]), name);
    }

    private static byte[] Write(Manifest manifest)
    {
        using var stream = new MemoryStream();
        ManifestWriter.Write(stream, manifest);
        return stream.ToArray();
    }

    private static Manifest Read(byte[] json) => ManifestReader.Read(new MemoryStream(json), "/j/manifest.json");

    private static Gen<T?> Optional<T>(Gen<T> of) => Gen.OneOf(Gen.Constant<T?>(default), of.Select(value => (T?)value));

    private static Gen<IReadOnlyDictionary<string, JsonElement>> Unknown(params string[] names) =>
        from chosen in Gen.SubListOf(names)
        from values in Values.ArrayOf(names.Length)
        select (IReadOnlyDictionary<string, JsonElement>)chosen.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
}
