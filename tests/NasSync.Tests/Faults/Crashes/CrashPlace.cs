using System.Security.Cryptography;
using NasSync.Destinations.Places;
using NasSync.Destinations.S3;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Crashes;

/// <summary>A destination in the crash tests: its lines in the configuration, and direct access to its files, past NasSync.</summary>
internal abstract class CrashPlace : IAsyncDisposable
{
    /// <summary>The kinds of destinations. Each is also the first word of the crash points that only this kind reaches.</summary>
    public static readonly string[] Kinds = ["local", "sftp", "s3", "rsync"];

    /// <summary>Its name in targets.</summary>
    public abstract string Name { get; }

    /// <summary>The line below <c>destinations:</c> in the configuration; empty for a plain folder.</summary>
    public abstract string Destination { get; }

    /// <summary>A folder at the place, as a route's <c>to</c>.</summary>
    public abstract string To(string folder);

    /// <summary>Every finished file with its SHA-256, by its path below the place.</summary>
    public abstract Task<IReadOnlyDictionary<string, string>> FilesAsync();

    /// <summary>Everything unfinished: part files, staged objects, open uploads.</summary>
    public abstract Task<IReadOnlyList<string>> LeftoversAsync();

    /// <summary>Writes a file there in the role of another program or person.</summary>
    public abstract Task PutAsync(string path, byte[] content, DateTime mtime);

    /// <summary>Deletes a file in the same role.</summary>
    public abstract Task RemoveAsync(string path);

    /// <summary>Where a target lies below the place.</summary>
    public virtual string PathOf(Target target) => target.Path;

    /// <summary>Makes a separate place for one test, on the servers of the run.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="folder">A folder of the test.</param>
    /// <param name="ssh">The SSH host, for <c>sftp</c>.</param>
    /// <param name="line">A proxy that makes the line to the SSH host or the bucket fail; null connects directly.</param>
    public static async Task<CrashPlace> MakeAsync(string kind, TempFolder folder, SshServer? ssh, FaultProxy? line = null) => kind switch
    {
        "local" => new LocalPlace(folder["place"]),
        "rsync" => new RsyncPlace(folder),
        "sftp" => new SftpPlace(ssh!, line),
        "s3" => new BucketPlace(await CephPlace.MakeAsync(), folder, line),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such place"),
    };

    /// <summary>A folder of this machine that routes name by its path.</summary>
    public static CrashPlace Folder(string path) => new LocalPlace(path);

    /// <summary>A folder of this machine as a named destination.</summary>
    public static CrashPlace NamedFolder(string name, string path) => new NamedPlace(name, path);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A tree of this machine: local folders, rsync's target, the SSH host's.</summary>
    internal abstract class TreePlace(string root) : CrashPlace
    {
        /// <summary>The tree's top.</summary>
        protected string Root => root;

        public override Task<IReadOnlyDictionary<string, string>> FilesAsync() => Task.FromResult<IReadOnlyDictionary<string, string>>(
            Files().Where(file => !IsLeftover(file) && Path.GetFileName(file) != PlaceMarker.Name)
                .ToDictionary(file => Path.GetRelativePath(root, file), TempFolder.Sha256Of, StringComparer.Ordinal));

        public override Task<IReadOnlyList<string>> LeftoversAsync() => Task.FromResult<IReadOnlyList<string>>([.. Files().Where(IsLeftover)]);

        public override Task PutAsync(string path, byte[] content, DateTime mtime)
        {
            var file = Path.Join(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
            File.SetLastWriteTimeUtc(file, mtime);
            return Task.CompletedTask;
        }

        public override Task RemoveAsync(string path)
        {
            File.Delete(Path.Join(root, path));
            return Task.CompletedTask;
        }

        private IEnumerable<string> Files() => Directory.Exists(root) ? Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories) : [];

        // All temporary names of NasSync and rsync begin with a dot; no other file here does.
        private static bool IsLeftover(string file) =>
            Path.GetFileName(file).StartsWith('.')
                && Path.GetFileName(file) != PlaceMarker.Name || file.Contains("/.nassync-partial/", StringComparison.Ordinal);
    }

    private sealed class LocalPlace(string root) : TreePlace(root)
    {
        public override string Name => Target.LocalName;

        public override string Destination => "";

        // Each folder is a separate place, so that a run meets one with a marker and one without.
        // The folders are created here because a run releases no source to a folder that it created itself.
        public override string To(string path) => $"{Directory.CreateDirectory(Path.Join(Root, path.Split("/$")[0])).Parent!.FullName}/{path}";

        public override string PathOf(Target target) => Path.GetRelativePath(Root, Path.Join(target.Root, target.Path));
    }

    private sealed class NamedPlace(string name, string root) : TreePlace(root)
    {
        public override string Name => name;

        public override string Destination => $"{name}: {{ type: local, root: {Root} }}";

        public override string To(string path) => $"{name}:{path}";
    }

    private sealed class RsyncPlace(TempFolder folder) : TreePlace(folder.MakeFolder("place"))
    {
        public override string Name => "vault";

        public override string Destination => $"vault: {{ type: rsync, target: {Root} }}";

        public override string To(string path) => $"vault:{path}";
    }

    private sealed class SftpPlace(SshServer server, FaultProxy? line)
        : TreePlace(Directory.CreateDirectory($"{server.Root}/{Guid.NewGuid():N}").FullName)
    {
        public override string Name => "studio";

        public override string Destination
        {
            get
            {
                var host = line is null ? server.Config() : server.Config(line);
                return $"studio: {{ type: sftp, host: {host.Host}, port: {host.Port}, user: {host.User}, identityFile: {host.IdentityFile}, "
                    + $"knownHosts: {host.KnownHosts}, root: {Root} }}";
            }
        }

        public override string To(string path) => $"studio:{path}";
    }

    private sealed class BucketPlace(CephPlace bucket, TempFolder folder, FaultProxy? line) : CrashPlace
    {
        private readonly string _id = folder.Write("access-key", CephServer.AccessKey);
        private readonly string _secret = folder.Write("secret-key", CephServer.SecretKey);

        public override string Name => "cloud";

        public override string Destination =>
            $"cloud: {{ type: s3, bucket: {bucket.Bucket}, prefix: {bucket.Config.Prefix}, endpoint: "
                + $"\"{(line is null ? bucket.Config.Endpoint : new Uri($"http://127.0.0.1:{line.Port}"))}\", partSize: 5MiB, accessKeyId: "
                + $"\"file:{_id}\", secretAccessKey: \"file:{_secret}\" }}";

        public override string To(string path) => $"cloud:{path}";

        public override async Task<IReadOnlyDictionary<string, string>> FilesAsync()
        {
            var files = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var key in (await KeysAsync()).Where(key => !IsStaged(key)))
                files[key[(bucket.Config.Prefix.Length + 1)..]] = Convert.ToHexStringLower(SHA256.HashData(await bucket.ReadAsync(key)));
            return files;
        }

        public override async Task<IReadOnlyList<string>> LeftoversAsync() =>
            [.. (await KeysAsync()).Where(IsStaged), .. (await bucket.UploadsAsync()).Select(key => $"upload to {key}")];

        public override Task PutAsync(string path, byte[] content, DateTime mtime) =>
            bucket.Raw.PutObjectAsync(
                new() { BucketName = bucket.Bucket, Key = $"{bucket.Config.Prefix}/{path}", InputStream = new MemoryStream(content) });

        public override Task RemoveAsync(string path) => bucket.Raw.DeleteObjectAsync(bucket.Bucket, $"{bucket.Config.Prefix}/{path}");

        public override async ValueTask DisposeAsync()
        {
            await bucket.DisposeAsync();
            await base.DisposeAsync();
        }

        private async Task<List<string>> KeysAsync()
        {
            var keys = new List<string>();
            string? next = null;
            do
            {
                var page = await bucket.Raw.ListObjectsV2Async(new() { BucketName = bucket.Bucket, ContinuationToken = next });
                keys.AddRange((page.S3Objects ?? []).Select(found => found.Key));
                next = page.NextContinuationToken;
            }
            while (next is not null);
            return keys;
        }

        private static bool IsStaged(string key) =>
            key.EndsWith(".nassync-part", StringComparison.Ordinal) || key.Contains(S3Sweep.ProbePrefix, StringComparison.Ordinal);
    }
}
