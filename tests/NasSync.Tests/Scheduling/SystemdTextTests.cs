using NasSync.Scheduling;

namespace NasSync.Tests.Scheduling;

public sealed class SystemdTextTests
{
    [Theory]
    [InlineData("/mnt/nas", "/mnt/nas")]
    [InlineData("/mnt/my nas", "\"/mnt/my nas\"")]
    [InlineData("/mnt/100%", "/mnt/100%%")]
    [InlineData("/mnt/a\"b\\c", "\"/mnt/a\\\"b\\\\c\"")]
    [InlineData("/mnt/Ada's", "\"/mnt/Ada's\"")]
    [InlineData("/mnt/$x", "/mnt/$x")]
    [InlineData("/mnt/Wörk 音", "\"/mnt/Wörk 音\"")]
    [InlineData(";", "\";\"")]
    [InlineData("#", "\"#\"")]
    [InlineData("", "\"\"")]
    public void A_path_is_quoted_where_systemd_would_read_more_into_it(string word, string quoted) => Assert.Equal(quoted, SystemdText.Word(word));

    [Fact]
    public void In_arguments_a_dollar_is_doubled_and_in_the_program_it_is_not() =>
        Assert.Equal("/opt/$x/run \"a b\" $$HOME \"$${x} 5%%\"", SystemdText.Command(["/opt/$x/run", "a b", "$HOME", "${x} 5%"]));

    [Theory]
    [InlineData("/opt/a\"b/run")]
    [InlineData("/opt/Ada's/run")]
    [InlineData("/opt/a\\b/run")]
    public void A_program_that_systemd_would_not_start_is_refused(string program) =>
        Assert.Equal("UnitProgram", Assert.Throws<FailureException>(() => SystemdText.Command([program])).Failure.Code);

    [Fact]
    public void A_path_with_a_line_end_is_refused() =>
        Assert.Equal("UnitText", Assert.Throws<FailureException>(() => SystemdText.Word("/a\nb")).Failure.Code);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(90, "1min 30s")]
    [InlineData(90061, "1d 1h 1min 1s")]
    public void A_time_span_is_written_in_units(int seconds, string text) => Assert.Equal(text, SystemdText.Span(TimeSpan.FromSeconds(seconds)));
}
