using System.Text;
using NasSync.Manifests;

namespace NasSync.Tests.Manifests;

public sealed class ManifestMistakeTests
{
    // In the cases, £ stands for `"job_id":"j","artifacts":[]`, a whole manifest without its braces, and § for a good artifact's kind and path.
    private const string Good = "\"job_id\":\"j\",\"artifacts\":[]";
    private const string GoodArtifact = "\"kind\":\"audio\",\"path\":\"a.m4a\"";

    [Theory]
    // Not JSON, or not quite
    [InlineData("hello", "1:1", "is not a JSON object; it begins with a word")]
    [InlineData("[1]", "1:1", "is not a JSON object")]
    [InlineData("\n\n  12", "3:3", "is not a JSON object")]
    [InlineData("\"é\"", "1:1", "is not a JSON object")]
    [InlineData("\0\0\0\0", "1:1", "it begins with a NUL byte")]
    [InlineData("{£}\0", "1:30", "A NUL byte follows the end")]
    [InlineData("{£,\"a\":\0}", "1:34", "A NUL byte")]
    [InlineData("{£,\n // why\n\"a\":1}", "2:2", "A comment")]
    [InlineData("{£,\"a\":/* why */1}", "1:34", "A comment")]
    [InlineData("{£,}", "1:30", "A comma is followed by nothing")]
    [InlineData("{£,\"a\":[1,]}", "1:37", "A comma is followed by nothing")]
    [InlineData("{£} x", "1:31", "A word follows the end of the manifest")]
    [InlineData("{£}\n{£}", "2:1", "follows the end of the manifest")]
    [InlineData("{£,\"é\":NaN}", "1:34", "'NaN' is no JSON number")]
    [InlineData("{£,\"a\":-Infinity}", "1:35", "'Infinity' is no JSON number")]
    [InlineData("{£,\"a\":True}", "1:34", "'True' is no JSON value")]
    [InlineData("{£,'a':1}", "1:30", "Single quotes")]
    [InlineData("{£,\"a\":01}", "1:35", "not valid JSON")]
    [InlineData("{£,\"a\":\"line\nend\"}", "1:39", "not valid JSON")]
    [InlineData("{£,\"a\":\"\\x\"}", "1:36", "not valid JSON")]
    [InlineData("{£ \"a\":1}", "1:30", "not valid JSON")]
    [InlineData("{£,\"a\":n\n}", "1:35", "a word stands here that JSON does not have")]
    [InlineData("{£,\"a\":I\0}", "1:34", "not valid JSON: a value was expected here")]
    [InlineData("{£]", "1:29", "not valid JSON")]
    [InlineData("{£,\"a\":\"\\ud800\"}", "1:34", "half of a surrogate pair")]
    // The same key twice, at every depth
    [InlineData("{£,\"job_id\":\"k\"}", "1:30", "The key 'job_id' is given twice")]
    [InlineData("{£,\"job\\u005fid\":\"k\"}", "1:30", "The key 'job_id' is given twice")]
    [InlineData("{£,\"é\":{\"a\":[{\"b\":1,\"c\":{},\"b\":1}]}}", "1:54", "The key 'b' is given twice")]
    [InlineData("{\"job_id\":\"j\",\"artifacts\":[{§,\"path\":\"b\"}]}", "1:59", "The key 'path' is given twice")]
    [InlineData("{£,\"youtube\":{\"url\":null,\"url\":null}}", "1:52", "The key 'url' is given twice")]
    // The manifest's own fields
    [InlineData("{}", "1:1", "job_id is missing")]
    [InlineData("\n {\"artifacts\":[]}", "2:2", "job_id is missing")]
    [InlineData("{\"job_id\":\"j\"}", "1:1", "artifacts is missing")]
    [InlineData("{\"job_id\":\"j\",\"artifacts\":null}", "1:1", "artifacts is missing")]
    [InlineData("{\"job_id\":\"\",\"artifacts\":[]}", "1:11", "job_id is empty")]
    [InlineData("{\"job_id\":\" \",\"artifacts\":[]}", "1:11", "job_id is empty")]
    [InlineData("{\"job_id\":7,\"artifacts\":[]}", "1:11", "job_id must be a string, not 7")]
    [InlineData("{\"job_id\":\"a/b\",\"artifacts\":[]}", "1:11", "job_id contains a slash")]
    [InlineData("{\"job_id\":\"..\\\\b\",\"artifacts\":[]}", "1:11", "job_id contains a slash")]
    [InlineData("{\"job_id\":\"a\\u001bb\",\"artifacts\":[]}", "1:11", "job_id contains a control character")]
    [InlineData("{\"job_id\":\"j\",\"artifacts\":{}}", "1:27", "artifacts must be a list of artifacts, not an object")]
    [InlineData("{\"job_id\":\"j\",\"artifacts\":[1]}", "1:28", "artifacts[0] must be an object")]
    [InlineData("{\"job_id\":\"j\",\"artifacts\":[{§},null]}", "1:60", "artifacts[1] must be an object")]
    public void A_manifest_that_is_wrong_is_refused_with_its_place(string json, string place, string what) =>
        AssertRefused(json, "InvalidManifest", place, what);

    [Theory]
    [InlineData("\"path\":\"a\"", "1:28", "artifacts[0].kind is missing")]
    [InlineData("\"kind\":\"audio\"", "1:28", "artifacts[0].path is missing")]
    [InlineData("\"kind\":null,\"path\":\"a\"", "1:28", "artifacts[0].kind is missing")]
    [InlineData("\"kind\":\"\",\"path\":\"a\"", "1:36", "artifacts[0].kind is empty")]
    [InlineData("§,\"variant\":1", "1:69", "artifacts[0].variant must be a string, not 1")]
    [InlineData("§,\"size\":-1", "1:66", "artifacts[0].size must be a whole number of bytes, 0 or more, not -1")]
    [InlineData("§,\"size\":1.5", "1:66", "artifacts[0].size must be a whole number")]
    [InlineData("§,\"size\":1.0", "1:66", "artifacts[0].size must be a whole number")]
    [InlineData("§,\"size\":1e400", "1:66", "artifacts[0].size must be a whole number")]
    [InlineData("§,\"size\":9223372036854775808", "1:66", "artifacts[0].size must be a whole number")]
    [InlineData("§,\"size\":\"5\"", "1:66", "artifacts[0].size must be a whole number of bytes, 0 or more, not a string")]
    [InlineData("§,\"sha256\":\"abc\"", "1:68", "artifacts[0].sha256 must be a SHA-256")]
    [InlineData("§,\"sha256\":\"zz63c3e579c1df94c4487e1c644225ac4192f68316b460feeb3cc13f69ccbc6b\"", "1:68", "artifacts[0].sha256 must be a SHA-256")]
    [InlineData("\"kind\":\"audio\",\"path\":\"\"", "1:51", "artifacts[0].path '' is empty")]
    [InlineData("\"kind\":\"audio\",\"path\":\"a/\"", "1:51", "artifacts[0].path 'a/' ends with '/'")]
    [InlineData("\"kind\":\"audio\",\"path\":\"a//b\"", "1:51", "artifacts[0].path 'a//b' contains an empty component")]
    [InlineData("\"kind\":\"audio\",\"path\":\"./a\"", "1:51", "artifacts[0].path './a' contains a '.' component")]
    [InlineData("\"kind\":\"audio\",\"path\":\"a\\\\b\"", "1:51", "contains a backslash")]
    [InlineData("\"kind\":\"audio\",\"path\":\"a\\u0000b\"", "1:51", "artifacts[0].path 'a\\u0000b' contains a NUL")]
    [InlineData("\"kind\":\"audio\",\"path\":5", "1:51", "artifacts[0].path must be a string, not 5")]
    [InlineData("§},{§,\"size\":1", "1:60", "artifacts[1] lists the path 'a.m4a' of artifacts[0] again, with other fields")]
    [InlineData("§,\"x\":1},{§,\"x\":2", "1:66", "artifacts[1] lists the path 'a.m4a' of artifacts[0] again")]
    public void An_artifact_that_is_wrong_is_refused_with_its_place(string fields, string place, string what) =>
        AssertRefused("{\"job_id\":\"j\",\"artifacts\":[{" + fields + "}]}", "InvalidManifest", place, what);

    [Theory]
    [InlineData("/etc/passwd", "is absolute")]
    [InlineData("../../etc/passwd", "contains '..'")]
    [InlineData("audio/../../x", "contains '..'")]
    [InlineData("C:/x", "names a drive")]
    [InlineData("..\\\\x", "contains '..'")]
    [InlineData("\\\\\\\\server\\\\share", "is absolute")]
    [InlineData("%2e%2e/x", "hides a '..'")]
    public void A_path_that_tries_to_leave_the_job_is_an_escape(string path, string why)
    {
        var failure = AssertRefused(
            "{\"job_id\":\"j\",\n\"artifacts\":[{§},{\"path\":\"" + path + "\",\"kind\":\"audio\"}]}", "EscapesJob", "2:54", $"' {why}");
        Assert.Equal(FailureClass.Escape, failure.Class);
        Assert.Contains(": artifacts[1].path '", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    public void Version_one_in_all_its_spellings_is_read_and_kept(string version)
    {
        Assert.Equal(version, Read("{£,\"schema_version\":" + version + "}").UnknownJson["schema_version"].GetRawText());
        Assert.Equal(version, Read("{£,\"version\":" + version + "}").UnknownJson["version"].GetRawText());
    }

    [Theory]
    [InlineData("2")]
    [InlineData("1.1")]
    [InlineData("0")]
    [InlineData("1e400")]
    [InlineData("\"2\"")]
    [InlineData("\"\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{\"major\":1}")]
    public void Any_other_version_is_refused_and_never_guessed(string version)
    {
        AssertRefused("{\"schema_version\":" + version + ",£}", "UnsupportedVersion", "1:19", "schema_version ");
        AssertRefused("{£,\"version\":" + version + "}", "UnsupportedVersion", "1:40", "version ");
    }

    [Theory]
    [InlineData("Ωmega-Ψ1")]
    [InlineData("77Ωmega")]
    [InlineData("\"Ωmega\" Ψ")]
    [InlineData("/Ωmega")]
    [InlineData("{Ωmega")]
    [InlineData("nullΩmega")]
    [InlineData("-Ωmega")]
    [InlineData("\\Ωmega")]
    [InlineData("\u0007Ωmega")]
    public void What_is_no_JSON_may_be_a_secret_and_is_nowhere_repeated(string secret)
    {
        var whole = Fill("{£,\"artist\":\"a\",\"n\":[1,true,{\"b\":null}]}");
        for (var at = 0; at <= whole.Length; at++)
        {
            // Where it is JSON after all, in the middle of a string, it may be read.
            if (at > 0 && whole[..at].Count(c => c == '"') % 2 == 1) continue;
            var failure = Refusal(Encoding.UTF8.GetBytes(whole[..at] + secret + whole[at..]));
            Assert.DoesNotContain("Ω", failure.Message + failure.Hint, StringComparison.Ordinal);
            Assert.DoesNotContain("Ψ", failure.Message + failure.Hint, StringComparison.Ordinal);
            Assert.DoesNotContain("77", failure.Message + failure.Hint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_manifest_cut_anywhere_is_incomplete_and_may_be_whole_later()
    {
        var bytes = Encoding.UTF8.GetBytes(Fill("{\"artist\":\"Solène\\u00e9\",\"n\":[-1.5e3,true,null,{}],£,\n\"youtube\":{\"title\":\"é\"}}"));
        Assert.NotNull(Read(bytes));
        for (var length = 0; length < bytes.Length; length++)
        {
            var failure = Refusal(bytes[..length]);
            Assert.Equal((FailureClass.Transient, "ManifestIncomplete"), (failure.Class, failure.Code));
        }

        Assert.Equal("/j/manifest.json:1:1: The manifest is empty.", Refusal([]).Message);
        Assert.Equal("/j/manifest.json:2:3: The manifest holds nothing but white space.", Refusal("\n  "u8.ToArray()).Message);
        Assert.Equal("/j/manifest.json:2:6: The manifest ends before its JSON is complete.", Refusal("{\n\"é\":  "u8.ToArray()[..^1]).Message);
    }

    [Fact]
    public void Only_UTF_8_is_read_with_or_without_a_byte_order_mark()
    {
        var text = Fill("{£,\"artist\":\"é\"}");
        Assert.Equal("é", Read([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)]).Artist);
        Assert.StartsWith("/j/manifest.json:1:8: The key", Refusal([0xEF, 0xBB, 0xBF, .. "{\"a\":1,\"a\":1}"u8]).Message, StringComparison.Ordinal);
        foreach (var encoding in new[]
        {
            Encoding.Unicode, Encoding.BigEndianUnicode, new UnicodeEncoding(false, false), new UnicodeEncoding(true, false),
        })
            Assert.Contains("UTF-16", Refusal([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c0ae")] // overlong '.'
    [InlineData("e080ae")] // overlong '.'
    [InlineData("ff")]
    [InlineData("c3")] // cut by the closing quote
    [InlineData("eda080")] // a surrogate
    [InlineData("f4908080")] // beyond Unicode
    public void Invalid_UTF_8_is_refused_in_every_string_at_the_byte(string hex)
    {
        var bad = Convert.FromHexString(hex);
        foreach (var (before, after, place) in new[]
        {
            ("{\"artist\":\"é", "\",£}", "1:13"), ("{\"x\":{\"é", "\":1},£}", "1:9"), ("{\"x\":[\"\\n", "\"],£}", "1:10"),
            ("{\"job_id\":\"j\",\"artifacts\":[{\"kind\":\"k\",\"path\":\"", "\"}]}", "1:48"),
        })
        {
            var failure = Refusal([.. Encoding.UTF8.GetBytes(before), .. bad, .. Encoding.UTF8.GetBytes(Fill(after))]);
            Assert.Equal($"/j/manifest.json:{place}: A string is not valid UTF-8.", failure.Message);
        }
    }

    [Fact]
    public void Null_is_the_same_as_absent_and_a_repeated_artifact_is_one()
    {
        var manifest = Read("{\"job_id\":\"j\",\"artist\":null,\"processed_at\":null,\"youtube\":null,\"stems_generated\":null,\"artifacts\":["
            + "{§,\"size\":null,\"sha256\":null,\"duration_sec\":null,\"label\":null,\"x\":{\"y\":[1]}},{\"x\":{ \"y\" : "
            + "[1] },§},{\"kind\":\"k\",\"path\":\"B\"}]}");

        Assert.Equal((null, null, null, null), (manifest.Artist, manifest.ProcessedAt, manifest.YouTube, manifest.StemsGenerated));
        Assert.Equal(["audio a.m4a", "k B"], manifest.Artifacts.Select(artifact => artifact.ToString()));
        Assert.Null(manifest.Artifacts[0].Size);
    }

    [Theory]
    [InlineData("2026-01-31T18:30:00Z", "2026-01-31T18:30:00.0000000+00:00")]
    [InlineData("2026-01-31T18:30:00", "2026-01-31T18:30:00.0000000+00:00")]
    [InlineData("2026-01-31 18:30:00.123456", "2026-01-31T18:30:00.1234560+00:00")]
    [InlineData("2026-01-31T18:30:00.123456789+02:00", "2026-01-31T18:30:00.1234568+02:00")]
    [InlineData("2026-01-31T18:30:00,5+0530", "2026-01-31T18:30:00.5000000+05:30")]
    [InlineData("2026-01-31T18:30-08", "2026-01-31T18:30:00.0000000-08:00")]
    [InlineData("2026-01-31", "2026-01-31T00:00:00.0000000+00:00")]
    public void Times_without_offset_are_UTC_whatever_this_machines_zone(string given, string expected) =>
        Assert.Equal(expected, Read("{£,\"processed_at\":\"" + given + "\"}").ProcessedAt?.ToString("O", null));

    [Fact]
    public void A_path_that_could_drive_a_terminal_is_shown_in_messages_not_sent()
    {
        var failure = Assert.Throws<FailureException>(() => ManifestReader.Read(new MemoryStream([1]), "/j/a\u001b[2J\n/manifest.json")).Failure;
        Assert.StartsWith("'/j/a\\u001b[2J\\u000a/manifest.json':1:1: ", failure.Message, StringComparison.Ordinal);
    }

    private static Failure AssertRefused(string json, string code, string place, string what)
    {
        var failure = Refusal(Encoding.UTF8.GetBytes(Fill(json)));
        Assert.Equal(code, failure.Code);
        Assert.StartsWith($"/j/manifest.json:{place}: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(what, failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", failure.Hint, StringComparison.Ordinal);
        if (code != "EscapesJob") Assert.Equal(FailureClass.Invalid, failure.Class);
        return failure;
    }

    private static Failure Refusal(byte[] json) => Assert.Throws<FailureException>(() => Read(json)).Failure;

    private static Manifest Read(string json) => Read(Encoding.UTF8.GetBytes(Fill(json)));

    private static Manifest Read(byte[] json) => ManifestReader.Read(new MemoryStream(json), "/j/manifest.json");

    private static string Fill(string json) =>
        json.Replace("£", Good, StringComparison.Ordinal).Replace("§", GoodArtifact, StringComparison.Ordinal);
}
