using FsCheck;
using FsCheck.Fluent;
using NasSync.Config;
using NasSync.Config.Reading;

namespace NasSync.Tests.Config;

/// <summary>Durations, sizes and the timetable as people write them.</summary>
public sealed class TextFormTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("5s", 5000)]
    [InlineData("0.5s", 500)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("5", 5000)]
    [InlineData("0", 0)]
    public void A_duration_is_read(string text, long milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DurationText.Parse(text).Value);

    [Theory]
    [InlineData("20MiB", 20L << 20)]
    [InlineData("5MB", 5_000_000)]
    [InlineData("512KiB", 512 << 10)]
    [InlineData("1.5 GiB", 1536L << 20)]
    [InlineData("5mb", 5_000_000)]
    [InlineData("1TB", 1_000_000_000_000)]
    [InlineData("100B", 100)]
    [InlineData("100", 100)]
    public void A_size_is_read(string text, long bytes) => Assert.Equal(bytes, SizeText.Parse(text).Value);

    [Theory]
    [InlineData("5M")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    [InlineData("99999999TiB")]
    [InlineData("99999999999999999999999999999999")]
    public void What_is_no_size_is_refused(string text) => Assert.NotNull(SizeText.Parse(text).Problem);

    [Theory]
    [InlineData("")]
    [InlineData("ms")]
    [InlineData("5 s")]
    [InlineData("1h30m")]
    [InlineData("1e3s")]
    [InlineData("79228162514264337593543950335d")]
    public void What_is_no_duration_is_refused(string text) => Assert.NotNull(DurationText.Parse(text).Problem);

    [Theory]
    [InlineData("unlimited", null, null, null)]
    [InlineData("5MiB", null, null, 5L << 20)]
    [InlineData("5MiB/s", null, null, 5L << 20)]
    [InlineData("08:00-18:00 5MiB", "08:00", "18:00", 5L << 20)]
    [InlineData("8:00-18:00 unlimited", "08:00", "18:00", null)]
    [InlineData("22:00-06:00 1MB", "22:00", "06:00", 1_000_000L)]
    [InlineData("18:00-24:00 1MB", "18:00", "00:00", 1_000_000L)]
    public void A_line_of_the_timetable_is_read(string text, string? from, string? until, long? bytes) =>
        Assert.Equal(
            new BandwidthRule(from is null ? null : TimeOnly.Parse(from, null), until is null ? null : TimeOnly.Parse(until, null), bytes),
            BandwidthText.Parse(text).Value);

    [Fact]
    public void Every_duration_reads_back_as_it_was_written() =>
        Prop.ForAll<NonNegativeInt, bool>((number, fine) =>
        {
            var value = fine ? TimeSpan.FromTicks(number.Get) : TimeSpan.FromMilliseconds(number.Get);
            return DurationText.Parse(DurationText.Format(value)) == (Parsed<TimeSpan>)value;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_size_reads_back_as_it_was_written() =>
        Prop.ForAll<NonNegativeInt, int>((number, shift) =>
        {
            var value = (long)number.Get << (Math.Abs(shift) % 31);
            return SizeText.Parse(SizeText.Format(value)) == (Parsed<long>)value;
        }).QuickCheckThrowOnFailure();
}
