using NasSync.Manifests;
using NasSync.Tests.Support;

namespace NasSync.Tests.Manifests;

/// <summary>Whatever becomes of a manifest, it is read or refused; what is read stays in its job and can be written again.</summary>
public sealed class ManifestFuzzTests(ITestOutputHelper output)
{
    private const string Sample = """
        {"schema_version":1,"job_id":"job_1","source_type":"youtube","artist":"Mira Solène","album":null,"processed_at":"2026-01-14T09:31:07Z",
         "artifacts":[{"kind":"audio","variant":"instrumental","label":"In\u0073tr","path":"audio/a.m4a","codec":"aac","duration_sec":5.25,"size":51668,
          "sha256":"8063c3e579c1df94c4487e1c644225ac4192f68316b460feeb3cc13f69ccbc6b","x":{"y":[1,-2.5e3,true,"\ud83c\udfb5"]}},{"kind":"video","path":"ü/b.mp4"}],
         "youtube":{"video_id":"x1","online_duration_sec":6,"likes":7},"stems_generated":["drums"],"stems_preserved":false,"extra":{"a":{},"b":[[]]}}
        """;

    private static readonly string[] Values =
        ["null", "1", "-1", "1e400", "\"\"", "\"../x\"", "\"a/b\"", "[]", "{}", "true", "[\"x\",1]", "\"2026-01-01\"", "\"%2e%2e/x\"", "9e99"];

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "1e400", "-", "0", ".", "//", "/*", "NaN", "\n", "\0", " ", "é", "..", "../",
        "%2e", "．．",
        "\"job_id\":", "\"path\":\"/x\"", "\"version\":2", "\"schema_version\":2,", "{\"a\":", "[[[[[[[[[[", "\uFEFF", "2026-13-01",
        "9223372036854775808",
        .. Values, .. Values.Select(value => $":{value},"),
    ];

    [Fact]
    public void Whatever_becomes_of_a_manifest_it_is_read_or_refused()
    {
        var samples = Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples"), "manifest.json", SearchOption.AllDirectories)
            .Select(File.ReadAllText);
        var answers = Fuzzer.OfTexts([Sample, Sample.Replace("audio/a.m4a", "../a.m4a", StringComparison.Ordinal), .. samples], Pieces)
            .Run(output, Read);
        Assert.All(
            ["read", "InvalidManifest", "ManifestIncomplete", "EscapesJob", "UnsupportedVersion"],
            answer => Assert.Contains(answer, answers.Keys));
    }

    private static string Read(byte[] bytes)
    {
        try
        {
            AssertSound(ManifestReader.Read(new MemoryStream(bytes), "m"));
            return "read";
        }
        catch (FailureException refused)
        {
            Assert.Matches("^m:[1-9][0-9]*:[1-9][0-9]*: .", refused.Failure.Message);
            Assert.DoesNotContain(refused.Failure.Message, char.IsControl);
            return refused.Failure.Code;
        }
    }

    private static void AssertSound(Manifest manifest)
    {
        Assert.NotEmpty(manifest.JobId);
        Assert.Equal(64, manifest.Generation.Length);
        foreach (var artifact in manifest.Artifacts)
        {
            Assert.True(artifact.Size is null or >= 0);
            Assert.Equal(artifact.RelativePath, RelativePath.Parse(artifact.Path));
            Assert.StartsWith("/jobs/j/", Path.GetFullPath(Path.Combine("/jobs/j", artifact.Path)), StringComparison.Ordinal);
        }

        // Nothing is lost on the way through, whatever it is.
        var written = Written(manifest);
        var again = ManifestReader.Read(new MemoryStream(written), "m");
        Assert.Equal(manifest.Artifacts.Select(artifact => artifact.Path), again.Artifacts.Select(artifact => artifact.Path));
        Assert.Equal(written, Written(again));
    }

    private static byte[] Written(Manifest manifest)
    {
        using var stream = new MemoryStream();
        ManifestWriter.Write(stream, manifest);
        return stream.ToArray();
    }
}
