using NasSync.Tests.Destinations.S3;

namespace NasSync.Tests.Support;

/// <summary>
/// An outputs folder and a configuration file that copies every artifact to a folder, an SSH host and a bucket, for runs of the program itself.
/// Needs <see cref="SshServer.Program"/>, <c>radosgw</c>, <c>ceph-mon</c> and <c>ceph-osd</c>.
/// </summary>
internal sealed class ThreePlaces : IAsyncDisposable
{
    private readonly TempFolder _temp = new();

    private ThreePlaces(SshServer ssh, CephPlace bucket) => (Ssh, Bucket) = (ssh, bucket);

    /// <summary>The SSH host, <c>studio</c> in the configuration.</summary>
    public SshServer Ssh { get; }

    /// <summary>The bucket, <c>cloud</c> in the configuration.</summary>
    public CephPlace Bucket { get; }

    /// <summary>The folder.</summary>
    public string Nas => _temp["nas"];

    /// <summary>The configuration file.</summary>
    public string Config => _temp["nas-sync.yaml"];

    /// <summary>The work folder.</summary>
    public string Work => _temp["work"];

    /// <summary>A folder for other files.</summary>
    public TempFolder Scratch => _temp;

    /// <summary>Starts the servers and writes the configuration; <paramref name="to"/> is the folder below the root of each place.</summary>
    public static async Task<ThreePlaces> MakeAsync(string to = "${jobId}")
    {
        var places = new ThreePlaces(await SshServer.StartAsync(), await CephPlace.MakeAsync());
        places.WriteConfig(to);
        return places;
    }

    /// <summary>A job in the outputs folder.</summary>
    public SampleJob Job(string jobId = "job_1") => new(_temp["outputs"], jobId);

    /// <summary>Runs <c>nassync sync --json</c>.</summary>
    public Task<Nassync> SyncAsync() => Nassync.RunAsync("sync", "--json", "--config", Config);

    /// <summary>The objects of the bucket, as keys behind the prefix, sorted.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        var keys = new List<string>();
        var prefix = Bucket.Config.Prefix.Length + 1;
        string? next = null;
        do
        {
            // URL encoding, because a key may contain characters that XML cannot.
            var page = await Bucket.Raw.ListObjectsV2Async(
                new() { BucketName = Bucket.Bucket, Encoding = Amazon.S3.EncodingType.Url, ContinuationToken = next });
            keys.AddRange((page.S3Objects ?? []).Select(one => Uri.UnescapeDataString(one.Key)[prefix..]));
            next = page.NextContinuationToken;
        }
        while (next is not null);
        return [.. keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>Adds a daemon as a fourth place for every artifact.</summary>
    public void AddVault(RsyncDaemon daemon)
    {
        var password = _temp.Write("password", RsyncDaemon.Password);
        _temp.Write("nas-sync.yaml", File.ReadAllText(Config)
            .Replace("destinations:\n", $"destinations:\n    vault: {{ type: rsync, target: \"{daemon.Address()}\", password: "
                + $"\"file:{password}\" }}\n", StringComparison.Ordinal)
            .Replace("\"cloud:", "\"vault:${jobId}\", \"cloud:", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Ssh.DisposeAsync();
        await Bucket.DisposeAsync();
        _temp.Dispose();
    }

    private void WriteConfig(string to)
    {
        var (host, bucket) = (Ssh.Config(), Bucket.Config);
        var keys = (Id: _temp.Write("access-key", CephServer.AccessKey), Secret: _temp.Write("secret-key", CephServer.SecretKey));
        _temp.Write("nas-sync.yaml", $$"""
            nasSync:
              outputsDir: outputs
              workDir: work
              remoteRoots: { nas: nas }
              destinations:
                studio: { type: sftp, host: {{host.Host}}, port: {{host.Port}}, user: {{host.User}}, identityFile: {{host.IdentityFile}}, knownHosts: {{host.KnownHosts}}, root: {{host.Root}} }
                cloud: { type: s3, bucket: {{bucket.Bucket}}, prefix: {{bucket.Prefix}}, endpoint: "{{bucket.Endpoint}}", accessKeyId: "file:{{keys.Id}}", secretAccessKey: "file:{{keys.Secret}}" }
              routes:
                - match: { kind: audio }
                  to: ["${remoteRoots.nas}/{{to}}", "studio:{{to}}", "cloud:{{to}}"]

            """);
    }
}
