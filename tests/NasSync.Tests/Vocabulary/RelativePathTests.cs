namespace NasSync.Tests.Vocabulary;

public sealed class RelativePathTests
{
    /// <summary>Everything that leaves its root, as it stands or once some reader decodes it.</summary>
    public static TheoryData<string> Escaping { get; } =
    [
        // as they stand
        "..", "../x", "../../etc/passwd", "a/..", "a/../b", "a/b/../../../c", "/", "/etc/passwd", "/proc/self/environ", "//server/share/x",
        "C:", "C:/x", "c:/windows/win.ini", @"C:\x", @"\x", @"\\server\share\x", @"\\?\C:\x", @"..\x", @"a\..\b", @"a\..", @"a/..\b", "../\0", "..//",
        // percent encoding: plain, upper and lower case, mixed, of the separator, twice and more often
        "%2e%2e/x", "%2E%2E/x", "%2e./x", ".%2e/x", "a/%2e%2e/b", "..%2fx", "..%2Fetc%2fpasswd", "..%5cx", "%2e%2e%2fx", "%2e%2e%5cx",
        "a%2f..%2f..%2fb",
        "%252e%252e/x", "..%252fx", "%25252e%25252e/x", "..%25255cx", "%%32%65%%32%65/x", "%2fetc/passwd", "%5c%5cserver%5cshare", "%252fetc",
        "C%3a/x", "%43:/x",
        "%2525252525252525252e%2e/x", "%2e/x", "x/%2e",
        // overlong UTF-8, two to six bytes, and the continuation bytes old servers let pass
        "%c0%ae%c0%ae/x", "%C0%AE./x", "..%c0%afx", "..%c1%9cx", "%e0%80%ae%e0%80%ae/x", "..%e0%80%afx", "%f0%80%80%ae%f0%80%80%ae/x",
        "%f8%80%80%80%ae./x",
        "%fc%80%80%80%80%ae./x", "%c0%2e%c0%2e/x", "..%c0%2fx", "..%c1%1cx", "..%25c0%25afx", "a%c3%2f%2e%2e%2fb",
        // %uXXXX
        "%u002e%u002e/x", "..%u002fx", "..%u2215x", "%uff0e%uff0e/x",
        // other characters that stand for dots and slashes, also percent-encoded
        "．．/x", "．./x", "..／x", "..＼x", "．．／etc／passwd", "‥/x", "a/‥/b", "‥", "․․/x", "﹒﹒/x", "︰/x", "..﹨x", "..∕x", "..⁄x", "..∖x",
        "％２ｅ％２ｅ/x", "..％2fx", "﹪2e﹪2e/x", "%ef%bc%8e%ef%bc%8e/x", "..%ef%bc%8fx", "%e2%80%a5/x", "／etc/passwd", "．/x",
        // characters that some reader drops
        ".. /x", " ../x", ".. ", "..%20/x", "..%00/x", "..%09/x", ".\u200b./x", "..\u00ad/x", ".\u200d./x", "\ufeff../x", "..\u0001/x", "..\u3000/x",
    ];

    /// <summary>What names no file, but reaches nowhere.</summary>
    public static TheoryData<string?> Malformed { get; } =
    [
        (string?)null, "", ".", "./a", "a/.", "a/./b", "a/", "a//b", "a///b", @"a\b", @"a\", "a\0b", "\0", new string('a', 4097),
    ];

    /// <summary>Odd, but ordinary names.</summary>
    public static TheoryData<string> Legal { get; } =
    [
        "a", "a/b/c.m4a", "Ada Quill - Northern Line (Instrumental).m4a", "🎵.m4a", "👩‍👩‍👧/家族.m4a", "AC／DC/Thunder.m4a", "AC／DC.m4a",
        "1⁄2 price.m4a", "％.m4a",
        "100% legal.m4a", "100%25.m4a", "50%2F50.m4a", "%41.m4a", "%", "%%", "%2", "%zz", "%u", "%u00", "caf%c3%a9", "caf%e9", "%ff", "%c0", "%ud800",
        "-", "-rf", "--delete", "...", "....", "a/.../b", "…", "… and more.m4a", "What‥.m4a", ".hidden", "..hidden", "a..", "a..b", "a. .b", "..a/b",
        ".a.", ". .",
        "a:b", "ab:c", "a:b/c", "dir/C:/x", " ", "   ", " a ", "a b", "a\nb", "a\tb", "\u001b[2J", "a'b\"c", "$(id)", "`id`", "a;b", "a|b", "a&b",
        "*", "?", "~", "~root/x",
        "CON", "aux.txt", "nul", "trailing.", "trailing ", "Ame\u0301lie.m4a", "Am\u00e9lie.m4a", "\u202egpj.exe", "ｆｕｌｌ．ｗｉｄｔｈ", "⒈ Song.m4a",
        "℀.m4a", "a／..b", "http:/x",
        new string('é', 127), new string('a', 4096),
    ];

    [Theory]
    [MemberData(nameof(Escaping))]
    public void A_path_that_could_leave_its_root_is_refused_as_an_escape(string text)
    {
        Assert.False(RelativePath.TryParse(text, out var path, out var problem, out var escapes));
        Assert.Null(path);
        Assert.True(escapes);
        Assert.StartsWith($"path {Failure.Quote(text)} ", problem, StringComparison.Ordinal);
        Assert.Equal(problem, Assert.Throws<FormatException>(() => RelativePath.Parse(text)).Message);
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_path_that_names_no_file_is_refused_but_is_no_escape(string? text)
    {
        Assert.False(RelativePath.TryParse(text, out _, out var problem, out var escapes));
        Assert.False(escapes);
        Assert.StartsWith("path ", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xd800)]
    [InlineData(0xdc00)]
    public void Half_of_a_surrogate_pair_is_refused(int half) // the runner would not hand such a text over unharmed
    {
        foreach (var text in new[] { $"{(char)half}", $"a{(char)half}b", $"%2e%2e{(char)half}", $"\udc00{(char)half}", $"．{(char)half}" })
        {
            Assert.False(RelativePath.TryParse(text, out _, out var problem, out var escapes));
            Assert.Contains("lone surrogate", problem, StringComparison.Ordinal);
            Assert.False(escapes);
        }
    }

    [Theory]
    [MemberData(nameof(Legal))]
    public void An_odd_but_ordinary_name_keeps_every_character(string text)
    {
        Assert.True(RelativePath.TryParse(text, out var path, out var problem), problem);
        Assert.Equal(text, path.Value);
        Assert.Equal(text, string.Join('/', path.Components));
    }

    [Theory]
    [InlineData("a/b.tar.gz", "b.tar.gz", "b.tar", ".gz", "a")]
    [InlineData("b", "b", "b", "", null)]
    [InlineData(".hidden", ".hidden", ".hidden", "", null)]
    [InlineData("...", "...", "...", "", null)]
    [InlineData("..a.b", "..a.b", "..a", ".b", null)]
    [InlineData("x/y/name.", "name.", "name", ".", "x/y")]
    public void The_parts_of_a_path(string text, string fileName, string name, string extension, string? parent)
    {
        var path = RelativePath.Parse(text);
        Assert.Equal((fileName, name, extension, parent), (path.FileName, path.Name, path.Extension, path.Parent?.Value));
    }

    [Fact]
    public void A_path_combines_and_takes_another_file_name()
    {
        var path = RelativePath.Parse("a/b.m4a");
        Assert.Equal("x/y/a/b.m4a", RelativePath.Parse("x/y").Combine(path).Value);
        Assert.Equal("a/c.m4a", path.WithFileName("c.m4a").Value);
        Assert.Equal("c", RelativePath.Parse("b").WithFileName("c").Value);
        foreach (var bad in new[] { "..", "", "a/b", "..%2f", @"a\b" }) Assert.Throws<FormatException>(() => path.WithFileName(bad));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("a//b")]
    [InlineData("%2e%2e/x")]
    [InlineData("")]
    public void No_artifact_and_no_target_has_a_path_that_could_leave_its_folder(string path)
    {
        var artifact = Assert.Throws<FormatException>(() => new Artifact { Kind = "audio", Path = path });
        Assert.StartsWith($"path {Failure.Quote(path)} ", artifact.Message, StringComparison.Ordinal);
        var target = new Target { Destination = "vault", Root = "/nas", Path = "a/b" };
        Assert.Equal(artifact.Message, Assert.Throws<FormatException>(() => target with { Path = path }).Message);
        Assert.Throws<FormatException>(() => new Target { Destination = "vault", Root = "/nas", Path = path });
    }

    [Fact]
    public void The_path_that_people_see_is_the_one_that_is_used()
    {
        var artifact = new Artifact { Kind = "audio", Path = "a/b" };
        Assert.Equal(("a/b", RelativePath.Parse("a/b")), (artifact.Path, artifact.RelativePath));
        Assert.Equal(artifact, new Artifact("audio", RelativePath.Parse("a/b")));
        Assert.NotEqual(artifact, artifact with { Path = "a/B" });
        var target = new Target("vault", "/nas", RelativePath.Parse("a/b"));
        Assert.Equal(target with { Path = "c" }, target with { RelativePath = RelativePath.Parse("c") });
    }

    [Fact]
    public void Paths_are_equal_by_their_exact_characters_and_sort_ordinally()
    {
        var composed = RelativePath.Parse("Am\u00e9lie");
        var decomposed = RelativePath.Parse("Ame\u0301lie");
        Assert.NotEqual(composed, decomposed);
        Assert.Equal(At(composed).Key, At(decomposed).Key);
        Assert.Equal(At(RelativePath.Parse("a/B")).Key, At(RelativePath.Parse("A/b")).Key);
        Assert.True(RelativePath.Parse("a") == RelativePath.Parse("a"));
        Assert.True(RelativePath.Parse("B") < RelativePath.Parse("a"));
        Assert.Equal(RelativePath.Parse("a/b").GetHashCode(), RelativePath.Parse("a").Combine(RelativePath.Parse("b")).GetHashCode());

        static Target At(RelativePath path) => new() { Destination = Target.LocalName, Root = "/nas", Path = path.Value };
    }

    [Fact]
    public void A_hostile_path_is_refused_without_much_work()
    {
        foreach (var text in new[]
        {
            string.Concat(Enumerable.Repeat("%25", 5_000_000)), new string('\u0301', 5_000_000), new string('a', 50_000_000),
        })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.False(RelativePath.TryParse(text, out _, out var problem));
            Assert.InRange(problem.Length, 1, 300);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void A_quoted_text_is_short_and_cannot_drive_a_terminal()
    {
        Assert.Equal("'a\\u001b[2J\\u000a\\u202eb\\u2028'", Failure.Quote("a\u001b[2J\n\u202eb\u2028"));
        Assert.Equal("'\\ud800🎵\\udc00'", Failure.Quote("\ud800🎵\udc00"));
        Assert.Equal("'" + new string('x', 200) + "…'", Failure.Quote(new string('x', 201)));
        Assert.Equal("(null)", Failure.Quote(null));
    }
}
