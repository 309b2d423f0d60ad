using System.Text;
using NasSync.Service;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class UnexpectedTests : IDisposable
{
    private readonly Cli _cli = new();
    private readonly StringWriter _error = new();

    public UnexpectedTests()
    {
        _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio").Write();
    }

    public void Dispose()
    {
        _cli.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("sync --json")]
    [InlineData("plan")]
    [InlineData("resolve")]
    [InlineData("status")]
    [InlineData("config show")]
    public async Task What_was_not_foreseen_is_1_with_the_message_and_how_to_learn_more(string words)
    {
        Assert.Equal(1, await RunAsync(words));
        Assert.Contains("unexpected error: the output is gone", _error.ToString());
        Assert.Contains("--log-level debug", _error.ToString());
        Assert.DoesNotContain("   at ", _error.ToString());
    }

    [Fact]
    public async Task With_level_debug_the_trace_is_shown()
    {
        Assert.Equal(1, await RunAsync("sync --log-level debug"));
        Assert.Contains("   at ", _error.ToString());
    }

    private async Task<int> RunAsync(string words)
    {
        using var broken = new BrokenWriter();
        return await NassyncApp.RunAsync(words.Split(' '), new Shell(broken, _error) { CurrentFolder = _cli.Folder.Path });
    }

    private sealed class BrokenWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new InvalidOperationException("the output is gone");
    }
}
