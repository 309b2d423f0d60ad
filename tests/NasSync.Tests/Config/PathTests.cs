using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>Where relative paths start.</summary>
public sealed class PathTests
{
    [Fact]
    public void Relative_paths_of_the_file_start_at_its_folder()
    {
        using var folder = new TempFolder();
        folder.Write(
            "conf/nas-sync.yaml",
            """
            nasSync:
              outputsDir: ../outputs
              logFile: logs/x.jsonl
              remoteRoots: { audio: ./nas/audio/, home: ~/Music }
              destinations:
                attic: { type: local, root: attic }
                host: { type: sftp, host: h, root: rel, identityFile: keys/id, password: file:secrets/p }
                mirror: { type: rsync, target: mirror }
              routes:
                - { kind: a, to: ["plain/${artist}", "./plain2", "../up/x", "~/z", "/abs/x", "attic:rel", "${remoteRoots.audio}/x", "${artist}/y", "x${processedAt:HH}/y"] }
            """);
        var result = ConfigLoader.Load(new()
        {
            FilePath = "conf/nas-sync.yaml",
            Environment = new Dictionary<string, string> { ["HOME"] = "/home/me", ["NAS_SYNC_LOG_FILE"] = "here.jsonl" },
            CurrentFolder = folder.Path,
        });

        Assert.Empty(result.Problems.Select(problem => problem.ToString()));
        var config = result.Config!;
        Assert.Equal(folder["conf/nas-sync.yaml"], config.File);
        Assert.Equal(folder["outputs"], config.OutputsDir);
        Assert.Equal(folder["conf/nas-sync-work"], config.WorkDir);
        Assert.Equal(folder["here.jsonl"], config.LogFile);
        Assert.Equal((folder["conf/nas/audio"], "/home/me/Music"), (config.RemoteRoots["audio"], config.RemoteRoots["home"]));
        Assert.Equal(folder["conf/attic"], ((LocalDestinationConfig)config.Destinations["attic"]).Root);
        Assert.Equal(folder["conf/mirror"], ((RsyncDestinationConfig)config.Destinations["mirror"]).Target);
        var host = (SftpDestinationConfig)config.Destinations["host"];
        Assert.Equal(("rel", folder["conf/keys/id"], $"file:{folder["conf/secrets/p"]}"), (host.Root, host.IdentityFile, host.Password!.ToString()));
        Assert.Equal(
            [
                folder["conf/plain/${artist}"], folder["conf/plain2"], folder["up/x"], "/home/me/z", "/abs/x", "attic:rel", "${remoteRoots.audio}/x",
                folder["conf/${artist}/y"],
                folder["conf/x${processedAt:HH}/y"],
            ],
            config.Routes[0].To);
    }

    [Fact]
    public void A_folder_whose_name_looks_like_a_placeholder_stays_a_folder()
    {
        using var folder = new TempFolder();
        var odd = folder.MakeFolder("odd ${artist}");
        var route = Assert.Single(ConfigText.Load(odd, "nasSync: { routes: [ { kind: a, to: x } ] }").Config!.Routes);

        Assert.True(NasSync.Templates.PathTemplate.TryParse(route.To[0], out var template, out _));
        Assert.Equal(Path.Combine(odd, "x"), template.Expand(_ => "?"));
    }

    [Fact]
    public void Without_a_home_folder_a_tilde_is_a_problem()
    {
        var result = ConfigLoader.Load(new() { Environment = new Dictionary<string, string> { ["OUTPUTS_DIR"] = "~/x" }, CurrentFolder = "/" });

        Assert.Equal(
            "environment: error: OUTPUTS_DIR: '~/x' needs the home folder, but HOME is not set; write the whole path.",
            Assert.Single(result.Problems).ToString());
    }

    [RequiresFact("linux")]
    public void A_path_of_Windows_is_refused_elsewhere() =>
        Assert.Equal(
            ["nas-sync.yaml:1:24: error: nasSync.outputsDir: 'C:\\data' is a path of Windows; this machine needs one such as /mnt/nas."],
            ConfigText.Problems("nasSync: { outputsDir: 'C:\\data' }"));
}
