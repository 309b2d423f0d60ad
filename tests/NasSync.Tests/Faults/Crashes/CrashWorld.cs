using System.Security.Cryptography;
using NasSync.Ledgers;
using NasSync.Processes;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Crashes;

/// <summary>
/// The files of one crash test: one that replaces an older copy and is verified by reading it back, a new one, and a new one whose source is
/// released. It knows which states a crash may leave at any moment, and which state the next runs must reach.
/// </summary>
internal sealed class CrashWorld : IAsyncDisposable
{
    private const int MiB = 1 << 20;
    private const string Replaced = "sound/job_old/old.wav", Added = "sound/job_new/song.m4a", Moved = "films/job_new/film.mkv";
    private readonly Dictionary<string, (string? Before, string After)> _targets = [];

    private readonly Dictionary<string, SampleJob> _jobs = [];

    private CrashWorld(TempFolder folder, CrashPlace place) => (Folder, Place) = (folder, place);

    /// <summary>Everything of this machine lies below it.</summary>
    public TempFolder Folder { get; }

    /// <summary>The destination.</summary>
    public CrashPlace Place { get; }

    /// <summary>The configuration file.</summary>
    public string Config => Folder["nas-sync.yaml"];

    private string Film => Folder["outputs/job_new/film.mkv"];

    /// <summary>Makes a world, and runs once, so that there is an older copy to replace.</summary>
    /// <param name="kind">One of <see cref="CrashPlace.Kinds"/>.</param>
    /// <param name="ssh">The SSH host, for <c>sftp</c>.</param>
    /// <param name="oldLedger">Instead of that run, creates an empty ledger with the schema of the previous version.</param>
    public static async Task<CrashWorld> MakeAsync(string kind, SshServer? ssh, bool oldLedger = false)
    {
        var folder = new TempFolder();
        var world = new CrashWorld(folder, await CrashPlace.MakeAsync(kind, folder, ssh));
        world.WriteConfig();

        // Needs several requests at the bucket, and several blocks everywhere.
        var filmSize = kind == "s3" ? (16 * MiB) + 17 : (700 * 1024) + 17;
        if (oldLedger) world.MakeOldLedger();
        else await world.BringOldAsync();
        world.Write("job_old", Replaced, "stems", 600 * 1024 + 3, seed: 2);
        world.Write("job_new", Added, "audio", 70_000, seed: 3);
        world.Write("job_new", Moved, "video", filmSize, seed: 4);
        return world;
    }

    /// <summary>Changes the content of every existing source again.</summary>
    public void ChangeSources()
    {
        foreach (var (target, seed) in ((string, int)[])[(Replaced, 12), (Added, 13), (Moved, 14)])
        {
            var file = Path.Combine(Folder["outputs"], Path.GetFileName(Path.GetDirectoryName(target)!), Path.GetFileName(target));
            if (File.Exists(file)) Write(Path.GetFileName(Path.GetDirectoryName(target)!), target, "", (int)new FileInfo(file).Length + 1, seed);
        }
    }

    /// <summary>SHA-256 of a file's expected final content.</summary>
    public string Sha256Of(string name) => _targets.Single(target => Path.GetFileName(target.Key) == name).Value.After;

    /// <summary>Runs the program to its end, or to a crash point.</summary>
    public Task<Nassync> RunAsync(string? crashAt = null) =>
        Nassync.RunUnderAsync(crashAt is null ? [] : ["env", $"{CrashPoint.Variable}={crashAt}"], "sync", "--json", "--config", Config);

    /// <summary>Checks what must hold at every moment: only whole files, no ledger row without its copy, no source released without a copy.</summary>
    public async Task RequireSoundAsync()
    {
        var files = await Place.FilesAsync();
        foreach (var (path, sha256) in files)
        {
            Assert.True(_targets.TryGetValue(path, out var may), $"{path} was never asked for");
            Assert.True(sha256 == may.After || sha256 == may.Before, $"{path} is neither the old nor the new content");
        }

        foreach (var (path, content) in _targets) Assert.True(content.Before is null || files.ContainsKey(path), $"{path} is gone");
        using var ledger = Ledger.OpenReadOnly(Folder["work"]);
        var claims = ledger.Copies().ToList();
        foreach (var claim in claims)
        {
            var path = Place.PathOf(claim.Target);
            Assert.True(files.TryGetValue(path, out var found), $"{path} is recorded and not there");

            // Between a replacement and its record, the row still has the old hash; the next run notices and checks the file.
            Assert.True(
                found == claim.Receipt.Sha256 || (claim.Receipt.Sha256 == _targets[path].Before && found == _targets[path].After),
                $"{path} is recorded with another content");
        }

        if (File.Exists(Film)) return;
        Assert.Equal(_targets[Moved].After, files.GetValueOrDefault(Moved));
        Assert.Contains(claims, claim => Place.PathOf(claim.Target) == Moved);
    }

    /// <summary>Checks that the first run after a crash reaches the final state, and that the second one changes nothing.</summary>
    public async Task RequireConvergenceAsync()
    {
        using (await SyncHereAsync()) await RequireSoundAsync();
        Assert.Equal(_targets.ToDictionary(target => target.Key, target => target.Value.After), await Place.FilesAsync());

        using var cli = await SyncHereAsync();
        var finished = cli.Json[^1];
        Assert.True(finished.GetProperty("unchanged").GetInt32() == _targets.Count && finished.GetProperty("committed").GetInt32() == 0, cli.Out);

        Assert.False(File.Exists(Film), "the source was to be released");
        Assert.Empty(await Place.LeftoversAsync());

        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder["work"], "nassync-*", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFiles(Folder["outputs"], ".*", SearchOption.AllDirectories));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Place.DisposeAsync();
        Folder.Dispose();
    }

    private async Task BringOldAsync()
    {
        Write("job_old", Replaced, "stems", 500 * 1024 + 1, seed: 1);
        using var first = await SyncHereAsync();
        _targets[Replaced] = (_targets[Replaced].After, _targets[Replaced].After);
    }

    // Runs in this process, which is faster: everything a killed run left is on disk, so no new process is needed.
    private async Task<Cli> SyncHereAsync()
    {
        var cli = new Cli();
        var exitCode = await cli.RunAsync("sync", "--json", "--config", Config);
        Assert.True(exitCode == ExitCode.Ok, cli.Out + cli.Error);
        return cli;
    }

    private void MakeOldLedger()
    {
        SqliteLibrary.Require();
        var file = Path.Combine(Folder.MakeFolder("work"), Ledger.FileName);
        using var session = new SqlSession(SqliteFile.Open(file));
        Migrations.Apply(session, TimeProvider.System, file, steps: [.. Migrations.All.Where(step => step.Version < Migrations.Latest)]);
    }

    private void Write(string jobId, string target, string kind, int size, int seed)
    {
        var content = new byte[size];
        new Random(seed).NextBytes(content);
        if (!_jobs.TryGetValue(jobId, out var job)) _jobs[jobId] = job = new SampleJob(Folder["outputs"], jobId);
        var name = Path.GetFileName(target);
        if (_targets.ContainsKey(target)) File.WriteAllBytes(Path.Combine(job.Folder, name), content);
        else job.Add(name, kind, content: content).Write();
        _targets[target] = (_targets.GetValueOrDefault(target).Before, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private void WriteConfig() => Folder.Write("nas-sync.yaml", $$"""
        nasSync:
          outputsDir: outputs
          workDir: work
          settle: 0s
          {{(Place.Destination.Length == 0 ? "" : $"destinations: {{ {Place.Destination} }}")}}
          routes:
            - { match: { kind: stems }, to: "{{Place.To("sound/${jobId}")}}", verify: readback }
            - { match: { kind: audio }, to: "{{Place.To("sound/${jobId}")}}" }
            - { match: { kind: video }, to: "{{Place.To("films/${jobId}")}}", release: delete }

        """);
}
