using System.Diagnostics;
using System.Net.Sockets;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>What a producer may plant in place of a file: each is refused with its reason, nothing waits for it, and everything else goes.</summary>
[Needs("linux", "mkfifo", "ln")]
public sealed class HostileSourceTests : IDisposable
{
    private readonly SyncWorld _world = new();

    [RequiresFact("linux", "mkfifo")]
    public async Task A_FIFO_a_socket_and_a_folder_are_refused_without_waiting_and_the_rest_goes()
    {
        var job = _world.Job().Add("good.m4a", "audio").Declare("pipe", "audio").Declare("socket", "audio").Declare("folder", "audio");
        await RunAsync("mkfifo", Path.Combine(job.Folder, "pipe"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(job.Folder, "socket")));
        Directory.CreateDirectory(Path.Combine(job.Folder, "folder"));
        job.Write();

        var events = await _world.RunAsync();
        Assert.Equal(
            [
                "'folder' in FOLDER is a folder, not a regular file.",
                "'pipe' in FOLDER is a FIFO, socket or device, not a regular file.",
                "'socket' in FOLDER is a FIFO, socket or device, not a regular file.",
            ],
            Failures(events)
                .Select(failure => failure.Message.Replace(job.Folder, "FOLDER", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.All(Failures(events), failure => Assert.Equal((FailureClass.Invalid, "NotAFile"), (failure.Class, failure.Code)));
        Assert.Equal(ExitCode.FailedForGood, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
        Assert.Equal(["job_1/good.m4a"], _world.NasFiles());
    }

    [RequiresFact("mount")]
    public async Task A_source_of_a_time_that_cannot_be_kept_is_refused_and_the_rest_goes()
    {
        // In memory a file may be of any year.
        using var memory = Mounted.Tmpfs("128m");
        using var world = new SyncWorld(below: memory.Path);
        var job = world.Job().Add("good.m4a", "audio").Add("late.m4a", "audio").Add("early.m4a", "audio");
        File.SetLastWriteTimeUtc(Path.Combine(job.Folder, "late.m4a"), new DateTime(2262, 4, 12, 0, 0, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(Path.Combine(job.Folder, "early.m4a"), new DateTime(1677, 9, 21, 0, 0, 0, DateTimeKind.Utc));
        job.Write();
        var failures = await world.FailuresAsync();
        Assert.Equal(["TimeOutOfRange", "TimeOutOfRange"], failures.Select(failure => failure.Code));
        Assert.Single(
            failures, failure => failure.Message.Contains("'late.m4a' of job 'job_1' was changed after the year 2262", StringComparison.Ordinal));
        Assert.Equal(["job_1/good.m4a"], world.NasFiles());

        File.SetLastWriteTimeUtc(Path.Combine(job.Folder, "late.m4a"), new DateTime(2262, 4, 11, 0, 0, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(Path.Combine(job.Folder, "early.m4a"), new DateTime(1677, 9, 22, 0, 0, 0, DateTimeKind.Utc));
        Assert.Empty(await world.FailuresAsync());
        Assert.Equal(new DateTime(2262, 4, 11, 0, 0, 0, DateTimeKind.Utc), File.GetLastWriteTimeUtc(Path.Combine(world.Nas, "job_1/late.m4a")));
        Assert.Equal(new DateTime(1677, 9, 22, 0, 0, 0, DateTimeKind.Utc), File.GetLastWriteTimeUtc(Path.Combine(world.Nas, "job_1/early.m4a")));
    }

    [RequiresFact("linux", "root", "mknod")]
    public async Task A_device_is_refused_and_the_rest_goes()
    {
        var job = _world.Job().Add("good.m4a", "audio").Declare("device", "audio");
        await RunAsync("mknod", Path.Combine(job.Folder, "device"), "c", "1", "5");
        job.Write();
        Assert.Equal(["NotAFile"], Failures(await _world.RunAsync()).Select(failure => failure.Code));
        Assert.Equal(["job_1/good.m4a"], _world.NasFiles());
    }

    [NeedsTheory]
    [InlineData("fifo", "NotAFile")]
    [InlineData("folder", "NotAFile")]
    [InlineData("link", "EscapesJob")]
    [InlineData("linked parent", "EscapesJob")]
    [InlineData("file", "SourceChanged")]
    public async Task What_takes_the_place_of_a_source_between_plan_and_copy_is_not_sent(string what, string code)
    {
        var job = _world.Job().Add("songs/a.m4a", "audio").Add("b.m4a", "audio");
        var source = Path.Combine(job.Folder, "songs/a.m4a");

        // An old time, which differs from that of every later write: the kernel's clock goes in steps.
        File.SetLastWriteTimeUtc(source, new DateTime(2026, 1, 14, 0, 0, 0, DateTimeKind.Utc));
        job.Write();
        var outside = Directory.CreateDirectory(Path.Combine(_world.Root, "outside")).FullName;
        File.WriteAllText(Path.Combine(outside, "a.m4a"), "secret");
        var request = new SyncRequest
        {
            Approve = async (item, _) =>
            {
                if (item.Artifact.RelativePath.FileName == "a.m4a") await ReplaceAsync();
                return true;
            },
        };

        var events = await _world.RunAsync(request);
        Assert.Equal([code], Failures(events).Select(failure => failure.Code));
        Assert.Equal(["job_1/b.m4a"], _world.NasFiles());

        async Task ReplaceAsync()
        {
            if (what == "linked parent") Directory.Move(Path.Combine(job.Folder, "songs"), Path.Combine(job.Folder, "moved"));
            else File.Delete(source);
            switch (what)
            {
                case "fifo":
                    await HostileSourceTests.RunAsync("mkfifo", source);
                    break;
                case "folder":
                    Directory.CreateDirectory(source);
                    break;
                case "link":
                    File.CreateSymbolicLink(source, Path.Combine(outside, "a.m4a"));
                    break;
                case "linked parent":
                    Directory.CreateSymbolicLink(Path.Combine(job.Folder, "songs"), outside);
                    break;
                default:
                    File.WriteAllText(source, "job_1/songs/A.m4a");
                    break;
            }
        }
    }

    [NeedsTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hard_link_is_refused_where_the_configuration_or_the_run_says_so(bool byRun)
    {
        var secret = Path.Combine(_world.Root, "secret");
        File.WriteAllText(secret, "secret");
        var job = _world.Job().Add("good.m4a", "audio").Declare("linked.m4a", "audio");
        await RunAsync("ln", secret, Path.Combine(job.Folder, "linked.m4a"));
        job.Write();
        if (!byRun) _world.Config = _world.Config with { RefuseHardLinks = true };

        var events = await _world.RunAsync(new SyncRequest { RefuseHardLinks = byRun });
        var failure = Assert.Single(Failures(events));
        Assert.Equal((FailureClass.Invalid, "HardLinked"), (failure.Class, failure.Code));
        Assert.Equal("'linked.m4a' of job 'job_1' is a hard link: 1 other name leads to the same file, and refuseHardLinks is set.", failure.Message);
        Assert.Equal(ExitCode.FailedForGood, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
        Assert.Equal(["job_1/good.m4a"], _world.NasFiles());

        // Without the setting nothing forbids it.
        _world.Config = _world.Config with { RefuseHardLinks = false };
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
    }

    [RequiresFact("linux", "ln")]
    public async Task A_file_that_gets_a_second_name_after_the_plan_is_refused_too()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        var request = new SyncRequest
        {
            RefuseHardLinks = true,
            Approve = async (_, _) =>
            {
                await RunAsync("ln", Path.Combine(job.Folder, "a.m4a"), Path.Combine(_world.Root, "second"));
                return true;
            },
        };
        Assert.Equal(["HardLinked"], Failures(await _world.RunAsync(request)).Select(failure => failure.Code));
        Assert.Empty(_world.NasFiles());
    }

    public void Dispose() => _world.Dispose();

    private static IEnumerable<Failure> Failures(IEnumerable<TransferEvent> events) =>
        events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure);

    private static async Task RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
