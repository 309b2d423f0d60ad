using System.Globalization;
using System.Text.RegularExpressions;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>What the program asks of the kernel, seen by strace.</summary>
public sealed partial class ReadOnceTests
{
    // Every call that can take bytes out of a file.
    private const string Calls = "read,pread64,readv,preadv,preadv2,mmap,sendfile,splice,copy_file_range";

    [RequiresFact("linux", "strace", SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public async Task One_source_to_a_folder_an_SSH_host_and_a_bucket_is_read_once()
    {
        await using var places = await ThreePlaces.MakeAsync();
        // Ten times what the shared buffers hold, and no whole number of blocks: the places differ in pace, and the faster ones wait.
        const int size = (80 * SourceFeed.BlockBytes) + 3;
        long taken = 0;

        // A place that begins a second after the others, which happens under load, makes the run read the source again.
        for (var tries = 1; tries <= 5 && taken != size; tries++) taken = await SyncAsync(places, $"job_{tries}", size);
        Assert.Equal(size, taken);
    }

    private static async Task<long> SyncAsync(ThreePlaces places, string jobId, int size)
    {
        var job = places.Job(jobId).Add("song.wav", "audio", content: CephPlace.Bytes(size));
        job.Write();

        var trace = places.Scratch[$"trace of {jobId}"];
        var run = await Nassync.RunUnderAsync(
            [
                "strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "0", "-e", $"trace={Calls}", "-P", Path.Combine(job.Folder, "song.wav"), "-o",
                trace,
            ],
            "sync", "--json", "--config", places.Config);

        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.Equal(3, run.Of("committed").Count);
        var calls = (await File.ReadAllLinesAsync(trace)).Where(line => line.Contains(" = ", StringComparison.Ordinal)).ToList();
        Assert.All(calls, line => Assert.Matches(@" (<\.\.\. )?p?read(64)?( resumed>|\()", line));
        return calls.Sum(Taken);
    }

    // "123 pread64(57</…/song.wav>, ""..., 1048576, 0) = 1048576"; the second half of a call that another thread interrupted ends the same way.
    private static long Taken(string line) => long.Parse(Result().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@" = (\d+)$")]
    private static partial Regex Result();
}
