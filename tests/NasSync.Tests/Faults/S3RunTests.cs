using System.Globalization;
using System.Text.RegularExpressions;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults;

/// <summary>The program itself, killed in the middle of an upload to a real S3 server.</summary>
public sealed partial class S3RunTests(ITestOutputHelper output)
{
    private const long MiB = 1 << 20;

    // At least as many connections as can be open before the kill.
    private const int Connections = 8;

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public Task A_run_that_was_killed_in_the_middle_of_an_upload_is_gone_on_with_by_the_next() =>
        KillAndGoOnAsync(64 * MiB, 5 * MiB, killAt: 3, sparse: false);

    /// <summary>Takes several minutes and 6 GiB of memory for the server, so it runs only with <c>NASSYNC_TEST_LARGE=1</c>.</summary>
    [RequiresFact("large", "radosgw", "ceph-mon", "ceph-osd")]
    public Task A_sparse_file_of_six_gibibytes_is_gone_on_with_after_a_kill() => KillAndGoOnAsync(6144 * MiB, 16 * MiB, killAt: 100, sparse: true);

    private async Task KillAndGoOnAsync(long size, long partSize, int killAt, bool sparse)
    {
        await using var place = await CephPlace.MakeAsync();
        await using var line = FaultProxy.Before(place.Config.Endpoint!.Port);

        // Each connection stalls after a twelfth of the file, so that the upload cannot complete before the kill.
        for (var i = 0; i < Connections; i++) line.Next(LineFault.Delay, Direction.ToServer, size / 12);
        using var world = new SyncWorld();
        var job = world.Job().Declare("film.mkv", "video");
        Make(Path.Combine(job.Folder, "film.mkv"), size, sparse);
        job.Write();
        var config = Config(world, place, line.Port, partSize);

        using (var first = Nassync.Start("sync", "--config", config))
        {
            while ((await PartsAsync(place)).Count < killAt) Assert.False(first.HasExited, "it ended before it was killed");
            first.Kill();
            await first.WaitForExitAsync();
        }

        line.CutAll();
        var kept = await PartsAsync(place);
        var sent = line.Bytes(Direction.ToServer);

        // Some stalls are left, because the first run opened fewer connections; release them.
        line.Release();
        var second = await Nassync.RunAsync("sync", "--json", "--log-level", "debug", "--config", config);
        Assert.True(second.ExitCode == 0, second.Error);
        var again = line.Bytes(Direction.ToServer) - sent;
        output.WriteLine($"first run: {sent} bytes sent, {kept.Count} parts of {partSize} kept");
        output.WriteLine($"second run: {again} bytes sent of {size - (kept.Count * partSize)} missing");
        var committed = Assert.Single(second.Of("committed"));
        Assert.Equal(TempFolder.Sha256Of(Path.Combine(job.Folder, "film.mkv")), committed.GetProperty("sha256").GetString());
        Assert.Equal("readBack", committed.GetProperty("verifiedBy").GetString(), ignoreCase: true);
        Assert.Equal(size, (await place.Raw.GetObjectMetadataAsync(place.Bucket, "artifacts/job_1/film.mkv")).ContentLength);
        Assert.Empty(await place.UploadsAsync());

        // The second run sends no part that the server kept. It may send another one twice: the server closes a connection that is silent for long.
        var sentAgain = SentParts(second.Error);
        Assert.Empty(kept.Intersect(sentAgain));
        Assert.NotEmpty(sentAgain);
    }

    private static void Make(string file, long size, bool sparse)
    {
        using var stream = File.Create(file);
        stream.SetLength(size);
        if (sparse) return;
        var bytes = new byte[MiB];
        var random = new Random(7);
        for (var at = 0L; at < size; at += bytes.Length)
        {
            random.NextBytes(bytes);
            stream.Write(bytes);
        }
    }

    private static async Task<IReadOnlyList<int>> PartsAsync(CephPlace place)
    {
        var uploads = (await place.Raw.ListMultipartUploadsAsync(place.Bucket)).MultipartUploads ?? [];
        if (uploads.Count == 0) return [];
        var found = await place.Raw.ListPartsAsync(place.Bucket, uploads[0].Key, uploads[0].UploadId);
        return [.. (found.Parts ?? []).Select(part => part.PartNumber ?? 0)];
    }

    // "… S3Answered: PUT http://…?partNumber=3&uploadId=…: 200 after 12 ms"
    private static IReadOnlyList<int> SentParts(string log) =>
        [.. Part().Matches(log).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Distinct()];

    [GeneratedRegex(@"PUT \S+[?&]partNumber=(\d+)")]
    private static partial Regex Part();

    private static string Config(SyncWorld world, CephPlace place, int port, long partSize)
    {
        var (id, secret, config) = (Path.Combine(world.Root, "id"), Path.Combine(world.Root, "secret"), Path.Combine(world.Root, "nas-sync.yaml"));
        File.WriteAllText(id, CephServer.AccessKey);
        File.WriteAllText(secret, CephServer.SecretKey);
        File.WriteAllText(config, $$"""
            nasSync:
              outputsDir: {{world.Outputs}}
              workDir: {{world.Root}}/work
              destinations:
                cloud: { type: s3, bucket: {{place.Bucket}}, prefix: artifacts, endpoint: "http://127.0.0.1:{{port}}", partSize: {{partSize}},
                         accessKeyId: "file:{{id}}", secretAccessKey: "file:{{secret}}" }
              routes: [ { to: "cloud:${jobId}" } ]
            """);
        return config;
    }
}
