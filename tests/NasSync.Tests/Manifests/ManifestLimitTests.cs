using System.Text;
using NasSync.Manifests;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Manifests;

public sealed class ManifestLimitTests
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData(" ")]
    [InlineData("\n")]
    public void A_gigabyte_of_white_space_is_refused_at_the_cap_and_never_held(string filler)
    {
        foreach (var head in new[] { "", "{", "{\"job_id\":\"j\",\"artifacts\":[]}" })
        {
            var stream = new Endless(head, filler, 1L << 30);
            var (failure, allocated) = Refusal(stream);
            Assert.Equal("ManifestTooLarge", failure.Code);
            Assert.Contains("more than 67,108,864 bytes", failure.Message, StringComparison.Ordinal);
            Assert.InRange(stream.Given, 64 * Mebibyte, 65 * Mebibyte);
            Assert.InRange(allocated, 0, Mebibyte);
        }
    }

    [Fact]
    public void A_gigabyte_in_one_string_is_refused_at_the_cap()
    {
        var stream = new Endless("{\"a\":\"", "aaaaaaaa", 1L << 30);
        var (failure, allocated) = Refusal(stream);

        Assert.Equal("ManifestTooLarge", failure.Code);
        Assert.InRange(stream.Given, 64 * Mebibyte, 129 * Mebibyte);
        Assert.InRange(allocated, 0, 300 * Mebibyte); // one token needs the buffer, which doubles up to the cap
    }

    [Fact]
    public void A_million_artifacts_are_refused_at_the_cap()
    {
        var stream = new Endless(
            "{\"job_id\":\"j\",\"artifacts\":[{\"kind\":\"k\",\"path\":\"0\"}", index => $",{{\"kind\":\"k\",\"path\":\"{index}\"}}", 1L << 30);
        var (failure, allocated) = Refusal(stream);

        Assert.Equal("ManifestTooLarge", failure.Code);
        Assert.Contains("more than 200,000 artifacts", failure.Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 256 * Mebibyte);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public void Ten_thousand_levels_are_refused_at_the_cap(string level)
    {
        var (failure, allocated) = Refusal(new Endless("{\"a\":", level, 10_000 * level.Length));

        Assert.Equal("ManifestTooLarge", failure.Code);
        Assert.Contains("nested more than 64 deep", failure.Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, Mebibyte);
    }

    [Theory]
    [InlineData("{\"a\":[0", ",0")]
    [InlineData("{\"a\":[\"\"", ",\"\"")]
    public void Small_values_without_end_are_refused_before_they_fill_the_memory(string head, string filler)
    {
        var (failure, allocated) = Refusal(new Endless(head, filler, 1L << 30));

        Assert.Equal("ManifestTooLarge", failure.Code);
        Assert.Contains("more than 4,000,000 values", failure.Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 256 * Mebibyte);
    }

    [Fact]
    public void Unknown_names_without_end_are_refused_before_they_fill_the_memory()
    {
        var stream = new Endless("{\"a\":{\"b\":0", index => $",\"k{index:x}\":0", 1L << 30);
        var (failure, allocated) = Refusal(stream);

        Assert.Equal("ManifestTooLarge", failure.Code);
        Assert.Contains("more than 100,000 fields", failure.Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 64 * Mebibyte);
    }

    [Fact]
    public void Just_below_each_limit_is_read()
    {
        var limits = new ManifestLimits { MaxArtifacts = 3, MaxDepth = 5, MaxBytes = 178, MaxValues = 16, MaxFields = 4 };
        var json = "{\"job_id\":\"j\",\"artifacts\":[{\"kind\":\"k\",\"path\":\"a\"},{\"kind\":\"k\",\"path\":\"b\"},{\"kind\":\"k\",\"path\":\"c\"}],\"x\":[[[{}]]]}".PadRight(178);
        Assert.Equal(3, Read(json, limits).Artifacts.Count);

        foreach (var tighter in new[]
        {
            limits with { MaxArtifacts = 2 }, limits with { MaxDepth = 4 }, limits with { MaxBytes = 177 }, limits with { MaxValues = 15 },
            limits with { MaxFields = 3 },
        })
            Assert.Equal("ManifestTooLarge", Assert.Throws<FailureException>(() => Read(json, tighter)).Failure.Code);
    }

    [Fact]
    public void Two_hundred_thousand_artifacts_are_read_through_a_small_buffer()
    {
        var json = new StringBuilder("{\"job_id\":\"j\",\"artifacts\":[");
        for (var i = 0; i < 200_000; i++)
            json.Append(i == 0 ? "" : ",").Append("{\"kind\":\"audio\",\"path\":\"audio/").Append(i).Append(".m4a\",\"size\":1}");
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json.Append("]}").ToString()));
        using var tokens = new TokenStream(stream, "m", ManifestLimits.Default, CancellationToken.None);
        using var parser = new ManifestParser(tokens, "m", ManifestLimits.Default);

        Assert.Equal(200_000, parser.Parse().Artifacts.Count);
        Assert.Equal(16 * 1024, tokens.BufferSize);
    }

    [Fact]
    public void A_stream_that_gives_one_byte_at_a_time_is_read_the_same()
    {
        var long60K = new string('é', 30_000);
        var json = Encoding.UTF8.GetBytes(
            $$"""{"job_id":"j","artifacts":[{"kind":"k","path":"a"}],"x":"{{long60K}}","y":[1,2.5,true],"artist":"é"}""");
        var manifest = ManifestReader.Read(new Trickle(json), "m");

        Assert.Equal(long60K, manifest.UnknownJson["x"].GetString());
        Assert.Equal(ManifestReader.Read(new MemoryStream(json), "m").Generation, manifest.Generation);
        Assert.Equal("é", manifest.Artist);
    }

    [Fact]
    public void The_place_is_right_far_behind_the_first_buffer()
    {
        var line = "\"" + new string('é', 20_000) + "\",\n";
        var json = "{\"x\":[\n" + line + line + "\"é\", 1 2]}";
        var failure = Assert.Throws<FailureException>(() => Read(json, ManifestLimits.Default)).Failure;
        Assert.StartsWith("m:4:8: ", failure.Message, StringComparison.Ordinal);

        json = "{\"x\":\"" + new string('é', 40_000) + "\",\"é\":01}";
        failure = Assert.Throws<FailureException>(() => Read(json, ManifestLimits.Default)).Failure;
        Assert.StartsWith("m:1:40014: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_reading_ends_at_once()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => ManifestReader.Read(new MemoryStream("{}"u8.ToArray()), "m", null, stop.Token));
    }

    [Fact]
    public void A_stream_that_fails_is_worth_another_try()
    {
        var failure = Assert.Throws<FailureException>(() => ManifestReader.Read(new Broken(), "m")).Failure;
        Assert.Equal((FailureClass.Transient, "ManifestUnreadable"), (failure.Class, failure.Code));
    }

    [Fact]
    public void What_is_no_file_is_refused_and_never_waited_for()
    {
        using var folder = new TempFolder();
        folder.MakeFolder("manifest.json");
        Assert.Equal("InvalidManifest", FileRefusal(folder["manifest.json"]).Code);
        Assert.Equal("ManifestIncomplete", FileRefusal(folder.Write("empty.json", "")).Code);
        Assert.Equal("ManifestGone", FileRefusal(folder["no/such/folder/manifest.json"]).Code);
        if (OperatingSystem.IsWindows()) return;
        using (var made = System.Diagnostics.Process.Start("mkfifo", folder["pipe.json"])) made.WaitForExit();
        File.CreateSymbolicLink(folder["link.json"], folder["pipe.json"]);
        Assert.Equal("NotAFile", FileRefusal(folder["pipe.json"]).Code);
        Assert.Equal("EscapesJob", FileRefusal(folder["link.json"]).Code);
    }

    private static Failure FileRefusal(string path) => Assert.Throws<FailureException>(() => ManifestFile.Read(path)).Failure;

    private static Manifest Read(string json, ManifestLimits limits) =>
        ManifestReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "m", limits);

    private static (Failure Failure, long Allocated) Refusal(Stream stream)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var failure = Assert.Throws<FailureException>(() => ManifestReader.Read(stream, "m")).Failure;
        return (failure, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // A head and then the filler again and again; made while it is read, so that the test itself holds next to nothing.
    private sealed class Endless(string head, Func<int, string> filler, long length) : ReadOnly
    {
        private byte[] _piece = Encoding.UTF8.GetBytes(head);
        private int _at;
        private int _index;

        public Endless(string head, string filler, long length)
            : this(head, Repeat(filler), length)
        {
        }

        public long Given { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            if (Given >= length) return 0;
            if (_at == _piece.Length) (_piece, _at) = (Next(), 0);
            var count = Math.Min(buffer.Length, _piece.Length - _at);
            _piece.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            Given += count;
            return count;
        }

        private byte[] Next()
        {
            var text = filler(++_index);
            return _last == text ? _lastPiece : _lastPiece = Encoding.UTF8.GetBytes(_last = text);
        }

        private string? _last;
        private byte[] _lastPiece = [];

        private static Func<int, string> Repeat(string filler)
        {
            var piece = string.Concat(Enumerable.Repeat(filler, 4096 / filler.Length));
            return _ => piece;
        }
    }

    private sealed class Trickle(byte[] content) : ReadOnly
    {
        private int _at;

        public override int Read(Span<byte> buffer)
        {
            if (_at == content.Length || buffer.IsEmpty) return 0;
            buffer[0] = content[_at++];
            return 1;
        }
    }

    private sealed class Broken : ReadOnly
    {
        public override int Read(Span<byte> buffer) => throw new IOException("Input/output error");
    }

    private abstract class ReadOnly : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public abstract override int Read(Span<byte> buffer);
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
