using System.Runtime.Versioning;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>Mode, owner, group and attributes of what is copied into folders of this machine.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RightsTests : IDisposable
{
    private const uint Someone = 54321;

    // Version 2; owner rw, user 54321 r, group r, mask r, others nothing.
    private static readonly byte[] AccessList =
        Convert.FromHexString("02000000" + "01000600FFFFFFFF" + "0200040031D40000" + "04000400FFFFFFFF" + "10000400FFFFFFFF" + "20000000FFFFFFFF");

    private readonly SyncWorld _world = new();

    public void Dispose() => _world.Dispose();

    [RequiresFact("linux")]
    public async Task A_copy_that_replaces_an_older_one_has_its_mode_and_attributes()
    {
        var target = await FirstAsync();
        using (var file = File.OpenHandle(target))
        {
            Assert.Null(Libc.TrySetAttribute(file, "user.rating", "5"u8.ToArray()));
            Assert.Null(Libc.TrySetMode(file, Octal("0604")));
        }

        await SecondAsync();

        using var copy = File.OpenHandle(target);
        Assert.Equal("second", await File.ReadAllTextAsync(target));
        Assert.Equal("0604", Rights.Text(Libc.RightsOf(copy).Mode));
        Assert.Equal("5"u8.ToArray(), Libc.Attribute(copy, "user.rating"));
    }

    [RequiresFact("linux", "root")]
    public async Task A_copy_that_replaces_an_older_one_has_its_owner_group_and_access_list()
    {
        var target = await FirstAsync();
        using (var file = File.OpenHandle(target))
        {
            Assert.Null(Libc.TrySetOwner(file, Someone, Someone + 1));
            Assert.Null(Libc.TrySetAttribute(file, "system.posix_acl_access", AccessList));
        }

        var events = await SecondAsync();

        using var copy = File.OpenHandle(target);
        Assert.Equal((Octal("0640"), Someone, Someone + 1), Libc.RightsOf(copy));
        Assert.Equal(AccessList, Libc.Attribute(copy, "system.posix_acl_access"));
        Assert.DoesNotContain(events, one => one is TransferEvent.Warned);

        // Nothing of this is a change that the next run would see.
        Assert.Equal((0, 1), await CountsAsync());
    }

    [RequiresFact("linux")]
    public async Task New_files_and_folders_have_the_modes_that_are_set_whatever_the_umask()
    {
        Directory.Delete(_world.Nas);
        _world.Config = _world.Config with { FileMode = "0606", DirMode = "2707" };
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/new/${jobId}"] };
        await FirstAsync("new/job_1/a.m4a");

        Assert.Equal("0606", ModeOf(_world.Nas + "/new/job_1/a.m4a"));
        Assert.Equal(["2707", "2707", "2707"], new[] { "", "/new", "/new/job_1" }.Select(folder => ModeOf(_world.Nas + folder)));
    }

    [RequiresFact("linux")]
    public async Task Folders_that_are_there_keep_their_modes()
    {
        Directory.CreateDirectory(_world.Nas);
        var before = ModeOf(_world.Nas);
        _world.Config = _world.Config with { DirMode = "0707" };
        await FirstAsync();
        Assert.Equal((before, "0707"), (ModeOf(_world.Nas), ModeOf(_world.Nas + "/job_1")));
    }

    [RequiresFact("linux", "root")]
    public async Task Owner_and_group_that_are_set_are_given_and_come_before_those_of_what_is_replaced()
    {
        _world.Config = _world.Config with
        {
            Group = "7",
            Destinations = new Dictionary<string, DestinationConfig>
            {
                ["attic"] = new LocalDestinationConfig { Name = "attic", Root = _world.Nas, Owner = "daemon", FileMode = "0640" },
            },
        };
        _world.Route = new Route { Number = 1, To = ["attic:${jobId}"] };
        var target = await FirstAsync();
        using (var file = File.OpenHandle(target)) Assert.Equal((Octal("0640"), Libc.IdOf("daemon", isGroup: false)!.Value, 7u), Libc.RightsOf(file));
        using (var folder = Libc.OpenFolder(Path.GetDirectoryName(target)!))
            Assert.Equal((1u, 7u), (Libc.RightsOf(folder).Owner, Libc.RightsOf(folder).Group));
        using (var file = File.OpenHandle(target)) Assert.Null(Libc.TrySetOwner(file, Someone, Someone));

        await SecondAsync();

        using var copy = File.OpenHandle(target);
        Assert.Equal((Octal("0640"), 1u, 7u), Libc.RightsOf(copy));
    }

    [RequiresFact("linux")]
    public async Task A_group_that_nobody_knows_is_said_and_nothing_is_copied()
    {
        _world.Config = _world.Config with { Group = "no_such_group_here" };
        _world.Job().Add("a.m4a", "audio").Write();

        var failure = Assert.Single(await _world.FailuresAsync());

        Assert.Equal(("AccountUnknown", FailureClass.Config), (failure.Code, failure.Class));
        Assert.Contains("no_such_group_here", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_world.NasFiles());
    }

    [RequiresFact("linux")]
    public void What_is_refused_is_a_failure_where_it_was_asked_for_and_a_word_where_it_was_only_to_be_kept()
    {
        // A file that is open only to be looked at takes nothing.
        using var folder = Libc.OpenFolder(_world.Root);
        File.WriteAllText(_world.Root + "/file", "");
        using var file = Libc.OpenIn(folder, "file", Libc.O_PATH, 0, out _)!;
        var found = Libc.RightsOf(file);

        var asked = Assert.Throws<FailureException>(() => new Rights(Octal("0604"), null, null, null).GiveToFile(file, "/nas/a.m4a")).Failure;
        Assert.Equal(("RightsRefused", FailureClass.Permission), (asked.Code, asked.Class));
        Assert.Contains("/nas/a.m4a cannot be given the mode 0604", asked.Message, StringComparison.Ordinal);
        asked = Assert.Throws<FailureException>(() => new Rights(null, null, null, Someone).GiveToFile(file, "/nas/a.m4a")).Failure;
        Assert.Contains("cannot be given the group 54321", asked.Message, StringComparison.Ordinal);
        new Rights(found.Mode, null, found.Owner, found.Group).GiveToFile(file, "/nas/a.m4a");

        Assert.Equal(
            ["the owner 54321", "the mode 0604", "the attribute user.rating"],
            new FileTraits(Octal("0604"), Someone, found.Group, [("user.rating", [5])]).GiveTo(file, found.Mode));
    }

    [RequiresFact("linux")]
    public async Task A_file_that_is_to_be_private_is_so_from_its_first_byte()
    {
        var target = await FirstAsync();
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var modes = new List<string>();
        _world.Wrap = (_, place) =>
            new Looking(place, () => modes.AddRange(Directory.GetFiles(_world.Nas + "/job_1", "*.nassync-part").Select(ModeOf)));

        await SecondAsync();

        Assert.NotEmpty(modes);
        Assert.All(modes, mode => Assert.Equal("0600", mode));
        Assert.Equal("0600", ModeOf(target));
    }

    [Fact]
    public async Task What_could_not_be_kept_is_said_once_for_each_place()
    {
        _world.Wrap = (_, place) => new Losing(place);
        _world.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Write();

        var events = await _world.RunAsync();

        Assert.Equal(2, events.OfType<TransferEvent.Committed>().Count());
        var notice = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal("RightsLost", notice.Code);
        Assert.Contains("the owner 54321 could not be kept", notice.Message, StringComparison.Ordinal);
    }

    private async Task<string> FirstAsync(string target = "job_1/a.m4a")
    {
        _world.Job().Add("a.m4a", "audio", content: "first"u8.ToArray()).Write();
        Assert.Equal((1, 0), await CountsAsync());
        return Path.Combine(_world.Nas, target);
    }

    private async Task<IReadOnlyList<TransferEvent>> SecondAsync()
    {
        _world.Job().Add("a.m4a", "audio", content: "second"u8.ToArray()).Write();
        var events = await _world.RunAsync();
        Assert.Single(events.OfType<TransferEvent.Committed>());
        return events;
    }

    private async Task<(long Committed, long Unchanged)> CountsAsync()
    {
        var result = await _world.SyncAsync();
        return (result.Committed, result.Unchanged);
    }

    private static int Octal(string digits) => Convert.ToInt32(digits, 8);

    private static string ModeOf(string path) => Rights.Text((int)File.GetUnixFileMode(path));

    private sealed class Looking(IDestination inner, Action look) : DestinationDecorator(inner)
    {
        protected override ValueTask<T> AroundCopy<T>(
            DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            look();
            return call();
        }
    }

    private sealed class Losing(IDestination inner) : DestinationDecorator(inner)
    {
        protected override async ValueTask<T> AroundCopy<T>(
            DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
            await call() is var result && result is CommitReceipt receipt ? (T)(object)(receipt with { RightsLost = "the owner 54321" }) : result;
    }
}
