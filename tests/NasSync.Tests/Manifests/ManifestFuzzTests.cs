using System.Text;
using NasSync.Manifests;

namespace NasSync.Tests.Manifests;

public sealed class ManifestFuzzTests
{
    private const string Sample = """
        {"schema_version":1,"job_id":"job_1","source_type":"youtube","artist":"Mira Solène","album":null,"processed_at":"2026-01-14T09:31:07Z",
         "artifacts":[{"kind":"audio","variant":"instrumental","label":"In\u0073tr","path":"audio/a.m4a","codec":"aac","duration_sec":5.25,"size":51668,
          "sha256":"8063c3e579c1df94c4487e1c644225ac4192f68316b460feeb3cc13f69ccbc6b","x":{"y":[1,-2.5e3,true,"\ud83c\udfb5"]}},{"kind":"video","path":"ü/b.mp4"}],
         "youtube":{"video_id":"x1","online_duration_sec":6,"likes":7},"stems_generated":["drums"],"stems_preserved":false,"extra":{"a":{},"b":[[]]}}
        """;

    private static readonly byte[][] Pieces = [.. new[]
    {
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "1e400", "-", "0", ".", "//", "/*", "NaN", "\n", "\0", " ", "é", "..", "../", "%2e", "．．",
        "\"job_id\":", "\"path\":\"/x\"", "\"version\":2", "{\"a\":", "[[[[[[[[[[", "\uFEFF", "2026-13-01", "9223372036854775808",
    }.Select(Encoding.UTF8.GetBytes), [0xC0, 0xAE], [0xFF], [0xED, 0xA0, 0x80], [0xE2, 0x80]];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_becomes_of_a_manifest_it_is_read_or_refused(int seed)
    {
        var random = new Random(seed);
        var (read, codes) = (0, new HashSet<string>());
        for (var i = 0; i < 2500; i++)
        {
            var bytes = Mutate(Encoding.UTF8.GetBytes(Sample), random);
            try
            {
                AssertSound(ManifestReader.Read(new MemoryStream(bytes), "m"));
                read++;
            }
            catch (FailureException refused)
            {
                Assert.Matches("^m:[1-9][0-9]*:[1-9][0-9]*: .", refused.Failure.Message);
                codes.Add(refused.Failure.Code);
            }
            catch (Exception other)
            {
                Assert.Fail($"{other.GetType().Name} of seed {seed}, mutation {i}: {Convert.ToHexString(bytes)}\n{other}");
            }
        }

        // A fuzz that only ever meets one outcome tests nothing.
        Assert.InRange(read, 50, 2000);
        Assert.Superset(new HashSet<string> { "InvalidManifest", "ManifestIncomplete", "EscapesJob", "UnsupportedVersion" }, codes);
    }

    private static void AssertSound(Manifest manifest)
    {
        Assert.NotEmpty(manifest.JobId);
        Assert.Equal(64, manifest.Generation.Length);
        Assert.All(manifest.Artifacts, artifact => Assert.True(artifact.Size is null or >= 0 && RelativePath.Parse(artifact.Path.Value) == artifact.Path));
        using var stream = new MemoryStream();
        ManifestWriter.Write(stream, manifest);
        stream.Position = 0;
        Assert.Equal(manifest.JobId, ManifestReader.Read(stream, "m").JobId);
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]); break;
                case 4: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 5: if (random.Next(8) == 0) bytes.RemoveRange(at, bytes.Count - at); break;
                default: ReplaceValue(bytes, random); break;
            }

            if (bytes.Count == 0) return [];
        }

        return [.. bytes];
    }

    // Keeps the JSON whole, so that the checks behind the syntax are reached too.
    private static void ReplaceValue(List<byte> bytes, Random random)
    {
        var text = Encoding.UTF8.GetString([.. bytes]);
        string[] values = ["null", "1", "2", "-1", "1e400", "\"\"", "\"../x\"", "\"a/b\"", "[]", "{}", "true", "[\"x\",1]", "\"2026-01-01\"", "\"%2e%2e/x\"", "9e99"];
        var colons = text.Select((c, i) => (c, i)).Where(pair => pair.c == ':').Select(pair => pair.i).ToList();
        if (colons.Count == 0) return;
        var colon = colons[random.Next(colons.Count)];
        var end = text.IndexOfAny([',', '}'], colon);
        if (end < 0) return;
        text = text[..(colon + 1)] + values[random.Next(values.Length)] + text[end..];
        bytes.Clear();
        bytes.AddRange(Encoding.UTF8.GetBytes(text));
    }
}
