namespace NasSync.Tests.PowerShell;

public sealed class ReadableTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData(0L, "0 B")]
    [InlineData(999L, "999 B")]
    [InlineData(1000L, "0.98 KiB")]
    [InlineData(1024L, "1.00 KiB")]
    [InlineData(10_239L, "10.0 KiB")]
    [InlineData(12_897_485L, "12.3 MiB")]
    [InlineData(1_073_741_823L, "1.00 GiB")]
    [InlineData(long.MaxValue, "8.00 EiB")]
    [InlineData(-2048L, "-2.00 KiB")]
    public void A_size_has_three_digits_and_a_binary_unit(long? bytes, string text) => Assert.Equal(text, Readable.Size(bytes));

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.9994, "999 ms")]
    [InlineData(0.9996, "1.0 s")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(59.96, "1 min 0 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(3599.6, "1 h 0 min")]
    [InlineData(12_000, "3 h 20 min")]
    [InlineData(187_200, "2 d 4 h")]
    [InlineData(-3, "-3.0 s")]
    public void A_duration_has_its_two_greatest_units(double seconds, string text) =>
        Assert.Equal(text, Readable.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void No_duration_is_no_text() => Assert.Equal("", Readable.Duration(null));

    [Fact]
    public void The_text_does_not_depend_on_the_culture()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        Thread.CurrentThread.CurrentCulture = new System.Globalization.CultureInfo("de-DE");
        try
        {
            Assert.Equal("1.50 KiB", Readable.Size(1536));
            Assert.Equal("1.5 s", Readable.Duration(TimeSpan.FromSeconds(1.5)));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }
}
