using System.Diagnostics;
using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Ledgers;

public sealed class WorkLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_holder_is_refused_and_told_who_holds_it()
    {
        var work = _folder["work"];
        using var first = WorkLock.Acquire(work);

        var failure = Assert.Throws<FailureException>(() => WorkLock.Acquire(work)).Failure;

        Assert.Equal((FailureClass.Conflict, "Locked"), (failure.Class, failure.Code));
        var holder = $"pid {Environment.ProcessId} on {Environment.MachineName}";
        Assert.Matches($@"^Another NasSync \({holder}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ\) is at work in '.*work'\.$", failure.Message);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public void A_released_lock_can_be_taken_again()
    {
        var first = WorkLock.Acquire(_folder["work"]);
        first.Dispose();
        first.Dispose();

        using var second = WorkLock.Acquire(_folder["work"]);
        Assert.Throws<FailureException>(() => WorkLock.Acquire(_folder["work"]));
    }

    [Fact]
    public void A_refused_attempt_does_not_take_the_lock_away()
    {
        using var first = WorkLock.Acquire(_folder["work"]);
        for (var i = 0; i < 3; i++) Assert.Throws<FailureException>(() => WorkLock.Acquire(_folder["work"]));
    }

    [Fact]
    public void Two_folders_are_two_locks()
    {
        using var first = WorkLock.Acquire(_folder["a"]);
        using var second = WorkLock.Acquire(_folder["b"]);
    }

    [Fact]
    public void A_file_that_was_left_behind_locks_nothing()
    {
        _folder.Write("work/lock", "");
        _folder.Write("work/lock.holder", "1\nelsewhere\n2020-01-01 00:00:00Z\n");

        using var held = WorkLock.Acquire(_folder["work"]);

        Assert.Contains(
            $"pid {Environment.ProcessId} ",
            Assert.Throws<FailureException>(() => WorkLock.Acquire(_folder["work"])).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("nonsense\nx\ny\n")]
    public void A_holder_file_that_cannot_be_read_only_shortens_the_message(string content)
    {
        using var held = WorkLock.Acquire(_folder["work"]);
        _folder.Write("work/lock.holder", content);

        Assert.StartsWith(
            "Another NasSync is at work", Assert.Throws<FailureException>(() => WorkLock.Acquire(_folder["work"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_the_folders_place_is_named()
    {
        _folder.Write("work", "");

        var failure = Assert.Throws<FailureException>(() => WorkLock.Acquire(_folder["work"])).Failure;

        Assert.Equal(FailureClass.Conflict, failure.Class);
        Assert.Contains(_folder["work"], failure.Message, StringComparison.Ordinal);
    }

    [RequiresFact("linux", "flock", "cat")]
    public void Another_process_holds_it_until_it_is_killed()
    {
        Directory.CreateDirectory(_folder["work"]);
        using var other = Process.Start(new ProcessStartInfo("flock", ["--no-fork", _folder["work/lock"], "sh", "-c", "echo locked; exec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("locked", other.StandardOutput.ReadLine());
        Assert.Equal("Locked", Assert.Throws<FailureException>(() => WorkLock.Acquire(_folder["work"])).Failure.Code);

        other.Kill(entireProcessTree: true);
        other.WaitForExit();

        using var held = WorkLock.Acquire(_folder["work"]);
    }

    [RequiresFact("linux", "flock")]
    public void It_keeps_another_process_out()
    {
        using (WorkLock.Acquire(_folder["work"])) Assert.Equal(1, TryFromOutside());
        Assert.Equal(0, TryFromOutside());

        int TryFromOutside()
        {
            using var process = Process.Start("flock", ["--nonblock", _folder["work/lock"], "true"]);
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
