using System.Text;
using NasSync.Destinations.Places;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>Names that have broken other programs, all the way: manifest, program, configuration file, real servers.</summary>
public sealed class OddNamesTests
{
    private const string Composed = "Caf\u00e9.m4a";
    private const string Decomposed = "Cafe\u0301.m4a";

    private static readonly string[] Names =
    [
        "  two  blanks .m4a", "Don't 'Stop'.m4a", "12\" \"Mix\".m4a", "line\nfeed.m4a", "#1 Hit #2.m4a", "100% %20 %zz.m4a", "A+B + C.m4a",
        "🎵👩‍🎤 mix.m4a",
        "-rf --delete.m4a", "$(touch x);`id`.m4a", "[a] {b,c} *?.m4a", "host:song@1.m4a", "R&B <a|b>.m4a", new string('n', 251) + ".m4a",
        new string('曲', 85),
    ];

    [RequiresFact("linux", SshServer.Program, "rsync", "radosgw", "ceph-mon", "ceph-osd")]
    public async Task Every_name_arrives_with_the_same_bytes_at_a_folder_an_SSH_host_a_bucket_and_an_rsync_daemon()
    {
        await using var places = await ThreePlaces.MakeAsync();
        await using var daemon = await RsyncDaemon.StartAsync();
        places.AddVault(daemon);
        var job = places.Job();
        foreach (var name in Names) job.Add(name, "audio");
        job.Write();
        places.Job("composed").Add(Composed, "audio").Write();
        places.Job("decomposed").Add(Decomposed, "audio").Write();

        var run = await places.SyncAsync();
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        string[] expected = [
            .. Names.Select(name => $"job_1/{name}").Append($"composed/{Composed}").Append($"decomposed/{Decomposed}").Order(StringComparer.Ordinal),
        ];
        Assert.Equal(expected.Length * 4, run.Of("committed").Count);
        Assert.Equal(expected, Held(places.Nas));
        Assert.Equal(expected, Held(places.Ssh.Root));
        Assert.Equal(expected, Held(daemon.Root));
        Assert.Equal(expected, await places.KeysAsync());
        // The content of each is its own name.
        foreach (var path in expected)
        {
            Assert.Equal(path, await File.ReadAllTextAsync(Path.Combine(places.Nas, path)));
            Assert.Equal(path, await File.ReadAllTextAsync(Path.Combine(places.Ssh.Root, path)));
            Assert.Equal(path, await File.ReadAllTextAsync(Path.Combine(daemon.Root, path)));
            Assert.Equal(path, Encoding.UTF8.GetString(await places.Bucket.ReadAsync($"{places.Bucket.Config.Prefix}/{path}")));
        }

        Assert.All((await places.SyncAsync()).Of("skipped"), line => Assert.Equal("unchanged", line.GetProperty("kind").GetString()));
    }

    [RequiresFact("linux", SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public async Task Composed_and_decomposed_letters_in_one_job_are_parked_as_one_target_and_the_rest_goes()
    {
        await using var places = await ThreePlaces.MakeAsync();
        places.Job().Add(Composed, "audio").Add(Decomposed, "audio").Add("other.m4a", "audio").Write();
        var run = await places.SyncAsync();
        Assert.Equal((int)ExitCode.FailedForGood, run.ExitCode);
        Assert.Equal(6, run.Of("failed").Count);
        Assert.All(run.Of("failed"), line =>
        {
            Assert.Equal("TargetCollision", line.GetProperty("code").GetString());
            Assert.False(line.GetProperty("transient").GetBoolean());
        });
        Assert.Equal(["job_1/other.m4a"], Held(places.Nas));
        Assert.Equal(["job_1/other.m4a"], Held(places.Ssh.Root));
        Assert.Equal(["job_1/other.m4a"], await places.KeysAsync());
    }

    [RequiresFact("linux", SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_path_that_only_the_bucket_cannot_hold_is_parked_there_with_the_reason()
    {
        // Five components of 250 bytes: file systems take them, a key ends at 1,024.
        var title = new string('t', 250);
        await using var places = await ThreePlaces.MakeAsync(string.Join('/', Enumerable.Repeat("${title}", 5)));
        new SampleJob(places.Scratch["outputs"], "job_1") { Title = title }.Add("a.m4a", "audio").Write();
        var run = await places.SyncAsync();
        Assert.Equal((int)ExitCode.FailedForGood, run.ExitCode);
        var failed = Assert.Single(run.Of("failed"));
        Assert.Equal("cloud", failed.GetProperty("destination").GetString());
        Assert.False(failed.GetProperty("transient").GetBoolean());
        Assert.Contains("1024", failed.GetProperty("message").GetString()!.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Single(Held(places.Nas));
        Assert.Single(Held(places.Ssh.Root));
        Assert.Empty(await places.KeysAsync());
    }

    // The mark by which a place is known again is no artifact.
    private static IReadOnlyList<string> Held(string root) =>
    [
        .. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file))
            .Where(file => file != PlaceMarker.Name).Order(StringComparer.Ordinal),
    ];
}
