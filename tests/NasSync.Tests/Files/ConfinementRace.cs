using System.Security.Cryptography;
using System.Text;
using NasSync.Destinations;
using NasSync.Destinations.Local;
using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Files;

/// <summary>
/// A folder below the root changes place, without pause, with a link that leads outside, while all that opens, makes, names, lists and removes
/// goes through that name. Each call must be refused or reach the folder; nothing outside may be read, made, replaced or removed.
/// </summary>
public abstract class ConfinementRace : IDisposable
{
    // With each outcome so often; the most is for a machine whose other thread hardly runs.
    private const int LeastRounds = 4_000;
    private const int LeastOfEach = 200;
    private const int MostRounds = 400_000;

    private static readonly RelativePath Album = RelativePath.Parse("album");

    // In memory where that is to be had: fsync of thousands of copies would be most of the time.
    private readonly TempFolder _temp = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
    private readonly Func<string, SafeRoot> _open;
    private readonly string _outside;
    private readonly IReadOnlyList<string> _outsideBefore;

    // The folder itself, under whatever name it has at the moment.
    private readonly SafeFolder _inside;

    private protected ConfinementRace(Func<string, SafeRoot> open, bool byFullPath = false)
    {
        _open = open;
        _outside = _temp.MakeFolder("outside");
        foreach (var name in new[] { "song", "victim", "fixed", "secret" }) _temp.Write($"outside/{name}", "outside");
        _temp.MakeFolder("outside/below");
        _temp.Write("root/album/song", "inside!");
        _temp.Write("root/album/fixed", "inside!");
        Directory.CreateSymbolicLink(_temp["root/link"], byFullPath ? _outside : "../outside");
        using var root = _open(_temp["root"]);
        _inside = root.OpenFolder(Album, create: false);
        _outsideBefore = Outside();
    }

    [RequiresFact("linux")]
    public async Task A_source_is_read_below_its_folder_or_not_at_all()
    {
        using var root = _open(_temp["root"]);
        var song = RelativePath.Parse("album/song");
        await RaceAsync(round =>
        {
            if (round % 2 == 0) return Task.FromResult(
                root.Stat(song) is { Kind: FileKind.Regular } stat && stat.State.Inode == _inside.Stat("song")!.Value.State.Inode);
            using var file = root.OpenRead(song, out _);
            Span<byte> content = stackalloc byte[16];
            return Task.FromResult(Encoding.UTF8.GetString(content[..RandomAccess.Read(file, content, 0)]) == "inside!");
        });
    }

    [RequiresFact("linux")]
    public async Task A_released_source_is_removed_below_its_folder_or_not_at_all()
    {
        using var root = _open(_temp["root"]);
        await RaceAsync(_ =>
        {
            _inside.CreateNew("victim").Dispose();
            using var folder = root.OpenFolder(Album, create: false);
            folder.Unlink("victim");
            return Task.FromResult(_inside.Stat("victim") is null);
        });
    }

    [RequiresFact("linux")]
    public async Task A_copy_is_made_named_and_removed_below_the_root_or_not_at_all()
    {
        var made = 0;
        await using var place = new LocalDestination(_temp["root"], TimeProvider.System, open: _open);
        await RaceAsync(async round =>
        {
            var path = RelativePath.Parse(round % 2 == 0 ? $"album/new-{round}" : $"album/deep/new-{round}");
            await WriteAsync(place, path, null);
            made++;
            if (round % 4 != 0) return true;
            await place.DeleteAsync(path, default);
            made--;
            return _inside.Stat(path.FileName) is null;
        });
        var held = $"{_temp["root"]}/{(Directory.Exists(_temp["root/album/deep"]) ? "album" : "link")}";
        Assert.Equal(made + 2, Directory.EnumerateFiles(held, "*", SearchOption.AllDirectories)
            .Count(file => !file.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal)));
    }

    [RequiresFact("linux")]
    public async Task A_copy_is_replaced_below_the_root_or_not_at_all()
    {
        await using var place = new LocalDestination(_temp["root"], TimeProvider.System, open: _open);
        var path = RelativePath.Parse("album/fixed");
        await RaceAsync(async round =>
        {
            await WriteAsync(place, path, await place.StatAsync(path, default));
            return true;
        });
    }

    [RequiresFact("linux")]
    public async Task A_folder_is_listed_below_the_root_or_not_at_all()
    {
        await using var place = new LocalDestination(_temp["root"], TimeProvider.System, open: _open);
        await RaceAsync(async _ =>
        {
            var names = new List<string>();
            await foreach (var entry in place.ListAsync(Album, default)) names.Add(entry.Path.FileName);
            return names.Count == 2 && !names.Contains("secret");
        });
    }

    [RequiresFact("linux")]
    public async Task A_folder_is_made_and_removed_below_the_root_or_not_at_all()
    {
        using var root = _open(_temp["root"]);
        await RaceAsync(round =>
        {
            root.OpenFolder(RelativePath.Parse($"album/made-{round}"), create: true).Dispose();
            using var folder = root.OpenFolder(Album, create: false);
            folder.RemoveEmptyFolder("below");
            folder.RemoveEmptyFolder($"made-{round}");
            return Task.FromResult(_inside.Stat($"made-{round}") is null);
        });
    }

    public void Dispose()
    {
        _inside.Dispose();
        _temp.Dispose();
        GC.SuppressFinalize(this);
    }

    // A round is true when it reached the folder, and false when it reached something else; being refused is an escape.
    private async Task RaceAsync(Func<int, Task<bool>> roundAsync)
    {
        var (right, refused) = (0, 0);
        using (var exchanger = new Exchanger(_temp["root/album"], _temp["root/link"]))
        {
            for (var round = 0; round < MostRounds && (round < LeastRounds || right < LeastOfEach || refused < LeastOfEach); round++)
            {
                try
                {
                    Assert.True(await roundAsync(round), $"round {round} reached something else");
                    right++;
                }
                catch (FailureException e) when (e.Failure.Class == FailureClass.Escape)
                {
                    refused++;
                }
            }

            Assert.True(exchanger.Times > LeastOfEach, $"the names were exchanged only {exchanger.Times} times");
        }

        Assert.Equal(_outsideBefore, Outside());
        Assert.True(right >= LeastOfEach, $"only {right} rounds reached the folder");
        Assert.True(refused >= LeastOfEach, $"only {refused} rounds were refused");
    }

    private static async Task WriteAsync(LocalDestination place, RelativePath path, FileState? replaces)
    {
        var content = Encoding.UTF8.GetBytes(path.Value);
        var request = new WriteRequest
        {
            Path = path,
            Size = content.Length,
            MtimeNs = 0,
            Fingerprint = path.Value,
            Verify = VerifyLevel.Checksum,
            Replaces = replaces,
        };
        await using var copy = await place.BeginWriteAsync(request, default);
        await copy.WriteAsync(0, content, default);
        await copy.CommitAsync(Convert.ToHexStringLower(SHA256.HashData(content)), default);
    }

    // Names, identities, times and content.
    private List<string> Outside() =>
    [
        .. new DirectoryInfo(_outside).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry =>
                $"{entry.FullName} {entry.Attributes} {entry.LastWriteTimeUtc:O} {(entry is FileInfo file ? File.ReadAllText(file.FullName) : "")}")
            .Append($"{Directory.GetLastWriteTimeUtc(_outside):O}")
            .Order(StringComparer.Ordinal),
    ];
}

public sealed class ConfinementRaceTests() : ConfinementRace(path => LinuxSafeRoot.OpenAt(path));

public sealed class ConfinementRaceByFullPathTests() : ConfinementRace(path => LinuxSafeRoot.OpenAt(path), byFullPath: true);

public sealed class ConfinementRaceWithoutOpenat2Tests() : ConfinementRace(path => LinuxSafeRoot.OpenAt(path, withoutOpenat2: true));
