using System.Diagnostics;
using System.Text;
using NasSync.Service.Output;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

/// <summary>Standard output that is full, closed, or read by nobody.</summary>
public sealed class LostOutputTests : IDisposable
{
    // A pipe whose reader has ended before anything is written, as with `| true`, which would end at some time.
    private const string Unread = ">&4";
    private readonly Cli _cli = new();

    public LostOutputTests()
    {
        _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
    }

    public void Dispose() => _cli.Dispose();

    [RequiresFact("linux", "bash", "mkfifo", "/dev/full")]
    public async Task A_run_goes_on_to_its_end_and_says_once_that_its_output_is_lost()
    {
        foreach (var words in (string[])[
            "sync --json > /dev/full", "sync > /dev/full", "sync --json <&- >&-", $"sync --json --log-level debug {Unread}",
        ])
        {
            var (exitCode, _, error) = await ShellAsync(words);
            Assert.Equal((0, 2), (exitCode, _cli.Folder.Files("nas/Audio").Count));
            Assert.Single(error.Split('\n'), line => line.StartsWith("warning: Standard output is lost (", StringComparison.Ordinal));
            StartAnew();
        }
    }

    [RequiresFact("linux", "bash", "mkfifo", "/dev/full")]
    public async Task Where_nothing_can_be_said_at_all_the_work_is_done_all_the_same()
    {
        foreach (var closed in (string[])["> /dev/full 2>&1", "<&- >&- 2>&-"])
        {
            Assert.Equal((0, 2), ((await ShellAsync($"sync --json {closed}")).ExitCode, _cli.Folder.Files("nas/Audio").Count));
            foreach (var name in (string[])["a.m4a", "b.m4a"])
                Assert.Equal(TempFolder.Sha256Of(_cli.Folder[$"outputs/job_1/{name}"]), TempFolder.Sha256Of(_cli.Folder[$"nas/Audio/{name}"]));
            StartAnew();
        }
    }

    [RequiresFact("linux", "bash", "mkfifo", "/dev/full")]
    public async Task A_listing_that_is_lost_is_an_error_and_one_that_was_read_far_enough_is_none()
    {
        foreach (var words in (string[])["plan", "status --json", "config show", "--help", "--version", "sync --dry-run"])
        {
            foreach (var to in (string[])["> /dev/full", ">&-"])
            {
                var (exitCode, _, error) = await ShellAsync($"{words} {to}");
                Assert.Equal(1, exitCode);
                Assert.Single(
                    error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                    line => line.StartsWith("warning: Standard output was lost (", StringComparison.Ordinal));
            }
        }

        Assert.Equal((0, ""), ((await ShellAsync($"config schema {Unread}")) is var piped ? (piped.ExitCode, piped.Error) : default));
    }

    [RequiresFact("linux", "bash", "/dev/full")]
    public async Task A_watcher_goes_on_without_its_output()
    {
        var program = string.Join(' ', Nassync.Command.Select(word => $"'{word}'"));
        using var watch = Process.Start(new ProcessStartInfo("bash", ["-c", $"exec {program} watch --json > /dev/full"])
        {
            RedirectStandardError = true,
            WorkingDirectory = _cli.Folder.Path,
        })!;
        var told = await watch.StandardError.ReadLineAsync();
        Assert.StartsWith("warning: Standard output is lost (", told, StringComparison.Ordinal);

        // Asked by their last names: the files beside them come and go while the watcher works.
        string[] copies = [_cli.Folder["nas/Audio/a.m4a"], _cli.Folder["nas/Audio/b.m4a"]];
        while (!copies.All(File.Exists))
        {
            Assert.False(watch.HasExited, "the watcher ended");
            await Task.Yield();
        }

        Signal.Send("TERM", watch.Id);
        await watch.WaitForExitAsync();
        Assert.Equal(0, watch.ExitCode);
        Assert.Empty(await watch.StandardError.ReadToEndAsync());
    }

    [Fact]
    public void What_is_said_after_there_is_room_again_begins_on_a_line_of_its_own()
    {
        using var place = new Medium();
        using var stream = new LossyStream(place, _ => false);
        var told = 0;
        stream.OnLost = _ => told++;
        stream.Write("one\n"u8);
        place.Room = 2;
        stream.Write("two\n"u8);
        stream.Write("three\n"u8);
        place.Room = null;
        stream.Write("four\n"u8);
        Assert.Equal(("one\ntw\nfour\n", 1), (place.Text, told));
    }

    private void StartAnew()
    {
        Directory.Delete(_cli.Folder["work"], recursive: true);
        Directory.Delete(_cli.Folder["nas"], recursive: true);
    }

    private async Task<(int ExitCode, string Out, string Error)> ShellAsync(string words)
    {
        var program = string.Join(' ', Nassync.Command.Select(word => $"'{word}'"));
        using var shell =
            Process.Start(new ProcessStartInfo("bash", ["-c", $"mkfifo unread && exec 3<>unread 4>unread 3<&- && rm unread && {program} {words}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = _cli.Folder.Path,
            })!;
        var error = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return (shell.ExitCode, output, await error);
    }

    private sealed class Medium : MemoryStream
    {
        // Bytes that still fit; null: any number.
        public int? Room { get; set; }

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fits = Math.Min(buffer.Length, Room ?? buffer.Length);
            base.Write(buffer[..fits]);
            if (fits == buffer.Length) return;
            Room = 0;
            throw new IOException("No space left on device");
        }
    }
}
