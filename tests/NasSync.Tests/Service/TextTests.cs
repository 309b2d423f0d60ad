using NasSync.Service.Output;

namespace NasSync.Tests.Service;

public sealed class TextTests
{
    [Theory]
    [InlineData("plain Ünïcødé 音楽 🎵.m4a", "plain Ünïcødé 音楽 🎵.m4a")]
    [InlineData("a\nb", @"a\nb")]
    [InlineData("a\r\tb", @"a\r\tb")]
    [InlineData("\u001b[2Jgone", @"\u001b[2Jgone")]
    [InlineData("\0", @"\u0000")]
    [InlineData("\u007f\u009b31m", @"\u007f\u009b31m")]
    [InlineData("a\u202egpj.exe", @"a\u202egpj.exe")]
    [InlineData("a\u2028b", @"a\u2028b")]
    [InlineData("", "")]
    public void What_does_not_print_is_shown_as_what_it_is(string text, string shown) => Assert.Equal(shown, SafeText.Show(text));

    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_a_number()
    {
        Assert.Equal(@"a\ud83d", SafeText.Show("a" + '\ud83d'));
        Assert.Equal(@"\ude00b", SafeText.Show('\ude00' + "b"));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("音楽", 4)]
    [InlineData("🎵", 2)]
    [InlineData("e\u0301", 1)]
    [InlineData("ｗｉｄｅ", 8)]
    [InlineData("한국", 4)]
    [InlineData("Привет", 6)]
    [InlineData("", 0)]
    public void Width_counts_terminal_columns(string text, int width) => Assert.Equal(width, Cells.Width(text));

    [Theory]
    [InlineData("/mnt/nas/Instrumental/Song.m4a", 30, "/mnt/nas/Instrumental/Song.m4a")]
    [InlineData("/mnt/nas/Instrumental/Song.m4a", 17, "/mnt/nas…Song.m4a")]
    [InlineData("abcdef", 1, "…")]
    [InlineData("音楽音楽音楽", 7, "音…楽")]
    [InlineData("🎵🎵🎵🎵", 6, "🎵…🎵")]
    public void A_long_text_loses_its_middle_and_no_half_character(string text, int width, string shown)
    {
        Assert.Equal(shown, Cells.Shorten(text, width));
        Assert.True(Cells.Width(Cells.Shorten(text, width)) <= width);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1_258_291, "1.2 MiB")]
    [InlineData(1_048_575, "1.0 MiB")]
    [InlineData(long.MaxValue, "8192.0 PiB")]
    public void Sizes_are_short(long bytes, string shown) => Assert.Equal(shown, Amounts.Size(bytes));

    [Theory]
    [InlineData(0.29, "0.3 s")]
    [InlineData(59.97, "1 min 0 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(3725, "1 h 2 min")]
    public void Durations_are_short(double seconds, string shown) => Assert.Equal(shown, Amounts.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(6, "0:06")]
    [InlineData(3723, "1:02:03")]
    public void A_time_left_reads_like_a_clock(double seconds, string shown) => Assert.Equal(shown, Amounts.Clock(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Numbers_do_not_depend_on_the_culture()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        try
        {
            Thread.CurrentThread.CurrentCulture = new System.Globalization.CultureInfo("de-DE");
            Assert.Equal("1.5 KiB", Amounts.Size(1536));
            Assert.Equal("12,345 jobs", Amounts.Count(12345, "job", "jobs"));
            Assert.Equal("0.3 s", Amounts.Duration(TimeSpan.FromSeconds(0.3)));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }
}
