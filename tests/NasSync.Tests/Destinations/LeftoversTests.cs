using System.Diagnostics.Metrics;
using NasSync.Destinations;
using NasSync.Destinations.Local;
using NasSync.Files;
using NasSync.Tests.Destinations.Sftp;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations;

/// <summary>What killed runs left behind, and what is not to be taken for it.</summary>
public sealed class LeftoversTests
{
    private static readonly string Ours = AtomicFile.PartName("film.mkv", "1");

    // Name, and days since it was written. Those that stay are too young, of another form, or in a folder that got nothing.
    private static readonly (string Name, double Days, bool Stays)[] Files =
    [
        (Ours, 7.1, false),
        (AtomicFile.PartName("new\nline 🎵", "1"), 30, false),
        (".nassync-probe-0123456789ab.nassync-part", 8, false),
        (AtomicFile.PartName("young.mkv", "1"), 6.9, true),
        (".x.nassync-part", 30, true),
        ("film.01234567.nassync-part", 30, true),
        ("old.mkv", 30, true),
    ];

    [Fact]
    public void Only_names_that_part_files_have_are_taken_for_them()
    {
        foreach (var name in (string[])["a", "new\nline", "🎵", new string('x', 255), ".hidden", "-rf"])
            Assert.True(Leftovers.IsPart(AtomicFile.PartName(name, "f")), name);
        Assert.True(Leftovers.IsPart(Leftovers.ClockName()));
        string[] strange =
        [
            "a.nassync-part", ".a.nassync-part", ".a.0123456.nassync-part", ".a.0123456G.nassync-part", ".a.01234567.nassync-part2",
            "a.01234567.nassync-part",
            ".a.01234567.nassync-part\n", "..nassync-part", ".nassync-destination", ".01234567.nassync-part",
            $".{new string('x', 101)}.01234567.nassync-part",
        ];
        Assert.All(strange, name => Assert.False(Leftovers.IsPart(name), name));
    }

    [Fact]
    public async Task A_folder_of_this_machine_is_rid_of_abandoned_parts_by_a_run_that_writes_there()
    {
        using var temp = new TempFolder();
        Make(temp, "written", "untouched");
        using var counted = new Counted();
        await using (var destination = new LocalDestination(temp.Path, TimeProvider.System)) await CopyAsync(destination);
        AssertLeft(temp);
        Assert.Contains((temp.Path, "removed", 3), counted.Seen);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_folder_of_an_SSH_host_is_rid_of_abandoned_parts_by_a_run_that_writes_there()
    {
        using var temp = new TempFolder();
        Make(temp, "written", "untouched");
        await using var world = await SftpWorld.StartAsync(config: server => server.Config(temp.Path));
        using var counted = new Counted();
        await CopyAsync(world.Destination);
        await world.Destination.DisposeAsync();
        AssertLeft(temp);
        Assert.Contains((world.Destination.Place, "removed", 3), counted.Seen);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_part_that_is_old_but_taken_up_by_this_run_is_gone_on_with()
    {
        await using var world = await SftpWorld.StartAsync();
        var content = SftpWorld.Content(5_000_000);
        var request = SftpWorld.Request("film.mkv", content);
        await using (var first = await world.Destination.BeginWriteAsync(request, default)) await SftpWorld.SendAsync(first, content, 0, 3_000_000);
        File.SetLastWriteTimeUtc(Assert.Single(Directory.GetFiles(world.Server.Root)), DateTime.UtcNow.AddDays(-8));
        await using var next = SftpWorld.Connect(world.Server.Config());
        await SftpWorld.CopyAsync(next, SftpWorld.Request("other", content), content);
        await using var second = await next.BeginWriteAsync(request, default);
        Assert.Equal(3_000_000, second.ResumeAt);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_run_that_writes_nothing_removes_nothing()
    {
        using var temp = new TempFolder();
        Make(temp, "written");
        await using (var local = new LocalDestination(temp.Path, TimeProvider.System))
            await local.StatAsync(RelativePath.Parse("written/a"), default);
        await using var world = await SftpWorld.StartAsync(config: server => server.Config(temp.Path));
        await world.Destination.StatAsync(RelativePath.Parse("written/a"), default);
        await world.Destination.DisposeAsync();
        Assert.Equal(Files.Length, Directory.GetFiles(temp["written"]).Length);
    }

    private static void Make(TempFolder temp, params string[] folders)
    {
        foreach (var folder in folders)
            foreach (var (name, days, _) in Files)
                File.SetLastWriteTimeUtc(temp.Write($"{folder}/{name}", "x"), DateTime.UtcNow.AddDays(-days));

        // A folder with such a name is no leftover.
        foreach (var folder in folders)
            Directory.SetLastWriteTimeUtc(temp.MakeFolder($"{folder}/{AtomicFile.PartName("folder", "1")}"), DateTime.UtcNow.AddDays(-30));
    }

    private static async Task CopyAsync(IDestination destination)
    {
        foreach (var name in (string[])["written/a", "written/b", "new/a"])
        {
            var content = SftpWorld.Content(1000);
            await SftpWorld.CopyAsync(destination, SftpWorld.Request(name, content), content);
        }
    }

    private static void AssertLeft(TempFolder temp)
    {
        Assert.Equal(Files.Where(file => file.Stays).Select(file => file.Name).Concat(["a", "b"]).Order(StringComparer.Ordinal), Names("written"));
        Assert.Equal(Files.Select(file => file.Name).Order(StringComparer.Ordinal), Names("untouched"));
        Assert.True(Directory.Exists(temp[$"written/{AtomicFile.PartName("folder", "1")}"]));

        IEnumerable<string> Names(string folder) =>
            Directory.GetFiles(temp[folder]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);
    }

    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Counted()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "nassync.destination.swept") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, number, tags, _) =>
            {
                var (place, outcome) = ((string)tags[0].Value!, (string)tags[2].Value!);
                lock (Seen) Seen.Add((place, outcome, number));
            });
            _listener.Start();
        }

        public List<(string Place, string Outcome, long Number)> Seen { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
