using System.Diagnostics;
using System.Text;
using NasSync.Processes;
using NasSync.Tests.Support;

namespace NasSync.Tests.Processes;

public sealed class ChildProcessTests
{
    private static readonly TimeSpan Ample = Wait.Longest;

    [RequiresFact("linux")]
    public async Task Arguments_and_bytes_pass_as_they_are()
    {
        string[] nasty = ["", " ", "a b", "'\"$(touch x)`;|&", "-n", "*", "new\nline", "ü👩‍👩‍👧", "\\"];
        await using var child = Start("/bin/sh", ["-c", "printf '%s\\0' \"$@\"; cat", "sh", .. nasty]);
        byte[] sent = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        child.Input.Write(sent);
        child.Input.Close();
        var all = ReadAll(child.Output);
        Assert.Equal(string.Concat(nasty.Select(argument => argument + "\0")), Encoding.UTF8.GetString(all[..^256]));
        Assert.Equal(sent, all[^256..]);
        Assert.Equal(0, await child.Exited.WaitAsync(Ample));
    }

    [RequiresFact("linux")]
    public async Task Pipes_are_made_as_large_as_was_asked_for()
    {
        await using var child = ChildProcess.Start(new ChildCommand("/bin/cat", []) { PipeBytes = 256 * 1024 }, TimeProvider.System);
        Assert.Equal((256 * 1024, 256 * 1024), (PipeSize.Of(child.Input), PipeSize.Of(child.Output)));
    }

    [RequiresFact("linux")]
    public async Task The_exit_code_and_the_last_words_are_known_when_it_has_ended()
    {
        await using var child = Start("/bin/sh", ["-c", "echo 'no such thing' >&2; exit 23"]);
        Assert.Equal(23, await child.Exited.WaitAsync(Ample));
        Assert.Equal("no such thing\n", child.Errors);
    }

    [RequiresFact("linux")]
    public async Task Of_endless_errors_the_beginning_and_the_end_are_kept()
    {
        await using var child = ChildProcess.Start(
            new ChildCommand("/bin/sh", ["-c", "echo first >&2; head -c 3000000 /dev/zero | tr '\\0' x >&2; echo last >&2"]) { ErrorBytes = 1024 },
            TimeProvider.System);
        await child.Exited.WaitAsync(Ample);
        Assert.StartsWith("first\nxxx", child.Errors, StringComparison.Ordinal);
        Assert.EndsWith("xxlast\n", child.Errors, StringComparison.Ordinal);
        Assert.Contains("[…]", child.Errors, StringComparison.Ordinal);
        Assert.InRange(child.Errors.Length, 1000, 1100);
    }

    [Fact]
    public void A_program_that_is_not_there_is_named()
    {
        var missing = Assert.Throws<FileNotFoundException>(() => Start("nassync-no-such-program", []));
        Assert.Equal("nassync-no-such-program", missing.FileName);
    }

    [RequiresFact("linux")]
    public async Task Who_listens_is_asked_to_end_and_may_tidy_up()
    {
        await using var child = Start("/bin/sh", ["-c", "trap 'echo tidy >&2; exit 5' TERM; echo ready; while :; do read x || sleep 0.01; done"]);
        Assert.Equal("ready\n", Encoding.UTF8.GetString(ReadSome(child.Output)));
        Assert.Equal(5, await child.StopAsync(Ample).WaitAsync(Ample));

        // Before it the shell may tell that the signal to the whole group ended its sleep.
        Assert.EndsWith("tidy\n", child.Errors, StringComparison.Ordinal);
    }

    [RequiresFact("linux")]
    public async Task Who_does_not_listen_is_killed_after_the_grace()
    {
        await using var child = Start("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"]);
        ReadSome(child.Output);
        Assert.Equal(128 + 9, await child.StopAsync(TimeSpan.FromMilliseconds(50)).WaitAsync(Ample));
    }

    [RequiresFact("linux")]
    public async Task A_grandchild_neither_delays_the_end_nor_survives_the_stop()
    {
        // The grandchild holds all three streams open, as a shared ssh master does.
        await using var child = Start("/bin/sh", ["-c", "sleep 1000 & echo $!; exit 3"]);
        var grandchild = int.Parse(Encoding.UTF8.GetString(ReadSome(child.Output)), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(3, await child.Exited.WaitAsync(Ample));
        Assert.True(IsAlive(grandchild));
        await child.StopAsync(Ample).WaitAsync(Ample);
        Assert.Empty(ReadAll(child.Output));
        // A signal is sent at once, but the system takes the process away in its own time.
        Assert.True(SpinWait.SpinUntil(() => !IsAlive(grandchild), Ample));
    }

    // The system would have to count its process ids once round for this; here a living leader stands for the stranger that has the id by then.
    [RequiresFact("linux")]
    public async Task A_group_whose_id_belongs_to_another_process_by_now_is_left_alone()
    {
        await using var stranger = Start("/bin/cat", []);
        ProcessGroup.KillRest(stranger.Id);
        stranger.Input.Write("alive"u8);
        stranger.Input.Close();
        Assert.Equal("alive", Encoding.UTF8.GetString(ReadAll(stranger.Output)));
        Assert.Equal(0, await stranger.Exited.WaitAsync(Ample));
    }

    [RequiresFact("linux")]
    public async Task A_child_can_be_stopped_right_after_its_start()
    {
        await using var child = Start("sleep", ["1000"]);
        Assert.Contains(await child.StopAsync(Ample).WaitAsync(Ample), new[] { 128 + 15, 128 + 9 });
    }

    private static ChildProcess Start(string program, string[] arguments) =>
        ChildProcess.Start(new ChildCommand(program, arguments), TimeProvider.System);

    private static byte[] ReadAll(Stream stream)
    {
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private static byte[] ReadSome(Stream stream)
    {
        var buffer = new byte[1024];
        return buffer[..stream.Read(buffer)];
    }

    // A killed process whose new parent has not fetched it yet is a zombie: dead.
    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ");
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidOperationException)
        {
            return false;
        }
    }
}
