using NasSync.Config;
using NasSync.Scheduling;
using NasSync.Tests.Support;

namespace NasSync.Tests.Scheduling;

public sealed class SystemdUnitsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string, SyncSchedule?, SyncTaskScope> Kinds => new()
    {
        { "daemon-system", null, SyncTaskScope.System },
        { "daemon-user", null, SyncTaskScope.User },
        { "every-system", new SyncSchedule.Every(TimeSpan.FromMinutes(15)) { RandomDelay = TimeSpan.FromMinutes(1) }, SyncTaskScope.System },
        { "daily-user", new SyncSchedule.DailyAt([new(2, 30), new(14, 30)]), SyncTaskScope.User },
        { "logon-user", new SyncSchedule.AtLogOn(), SyncTaskScope.User },
        { "startup-system", new SyncSchedule.AtStartup(), SyncTaskScope.System },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_of_unit_is_the_text_that_was_looked_at(string name, SyncSchedule? schedule, SyncTaskScope scope) =>
        Golden.Check(
            $"Scheduling/Golden/{name}.units",
            string.Concat(Units(schedule, scope).Build().Select(unit => $"# --- {unit.Name}\n{unit.Text}")));

    [RequiresFact("linux", "systemd-analyze")]
    public void Systemd_finds_nothing_wrong_with_any_kind()
    {
        var program = _folder.WriteScript("a b%c$g ö;#/nassync", "#!/bin/sh\n");
        foreach (var row in Kinds)
        {
            var (name, schedule, scope) = row.Data;
            var units = Units(schedule, scope) with { Command = [program, "sync", "--config", "/etc/$x y%z.yaml"] };
            foreach (var unit in units.Build()) _folder.Write($"{name}/{unit.Name}", unit.Text);
            Assert.All(units.Build(), unit => Assert.Equal("", SystemdAnalyze.Verify(_folder[$"{name}/{unit.Name}"])));
        }
    }

    [RequiresFact("linux", "systemd-analyze")]
    public void A_unit_whose_program_is_not_there_is_seen_by_the_same_check()
    {
        var unit = Units(null, SyncTaskScope.System) with { Command = [_folder["missing"], "watch"] };
        Assert.Contains("not executable", SystemdAnalyze.Verify(_folder.Write("x.service", unit.Build()[0].Text)));
    }

    [RequiresFact("linux", "systemd-analyze")]
    public void A_service_of_the_system_is_hardly_exposed()
    {
        foreach (var schedule in new SyncSchedule?[] { null, new SyncSchedule.AtStartup() })
            Assert.InRange(SystemdAnalyze.Exposure(_folder.Write("x.service", Units(schedule, SyncTaskScope.System).Build()[0].Text)), 0.1, 1.5);
    }

    [Fact]
    public void Only_what_a_configuration_writes_to_is_writable()
    {
        Assert.Equal(
            ["/srv/work", "-/var/log/nassync", "\"-/mnt/nas/My Music\"", "-/mnt/vault"],
            Writable(Config("""
                  logFile: /var/log/nassync/log.jsonl
                  remoteRoots: { audio: /mnt/nas/My Music }
                  destinations:
                    vault: { type: local, root: /mnt/vault }
                    far: { type: sftp, host: nas.example.com, root: /volume1 }
                    mirror: { type: rsync, target: /mnt/vault/mirror }
                  routes:
                    - match: { kind: audio }
                      to: ["${remoteRoots.audio}/${artist}", "vault:a", "far:b", "mirror:c"]
                """)));
        Assert.Contains("-/srv/outputs", Writable(Config("""
              routes:
                - match: { kind: audio }
                  to: /mnt/nas/a
                  release: delete
            """)));
    }

    [Theory]
    [InlineData("routes: [{ match: { kind: audio }, to: /mnt/nas }]", "yes", "yes")]
    [InlineData("routes: [{ match: { kind: audio }, to: /home/ada/music }]", "read-only", "yes")]
    [InlineData("routes: [{ match: { kind: audio }, to: /tmp/music }]", "yes", "no")]
    [InlineData("destinations: { nas: { type: sftp, host: nas, root: /volume1 } }", "read-only", "yes")]
    [InlineData("destinations: { nas: { type: rsync, target: \"ada@nas:/volume1\" } }", "read-only", "yes")]
    [InlineData("destinations: { nas: { type: rsync, target: \"rsync://nas/volume1\" } }", "yes", "yes")]
    public void Homes_and_temporary_folders_are_hidden_where_nothing_in_them_is_needed(string settings, string home, string temporary)
    {
        var text = (Units(null, SyncTaskScope.System) with { Config = Config("  " + settings) }).Build()[0].Text;
        Assert.Contains($"\nProtectHome={home}\n", text);
        Assert.Contains($"\nPrivateTmp={temporary}\n", text);
    }

    [Fact]
    public void What_would_end_the_same_way_is_not_started_again_and_a_stop_is_no_failure()
    {
        var text = Units(null, SyncTaskScope.System).Build()[0].Text;
        Assert.Contains("\nRestart=on-failure\n", text);
        Assert.Contains("\nRestartPreventExitStatus=2 3 10\n", text);
        Assert.Contains("\nSuccessExitStatus=130\n", text);
        Assert.DoesNotContain("Restart=", Units(new SyncSchedule.AtStartup(), SyncTaskScope.System).Build()[0].Text);
    }

    [Theory]
    [InlineData("routes: [{ match: { kind: audio }, to: /mnt/nas, release: delete }]", "CAP_LEASE")]
    [InlineData("finishedJobs: remove", "CAP_LEASE")]
    [InlineData("routes: [{ match: { kind: audio }, to: /mnt/nas }]", "")]
    public void Who_removes_sources_may_ask_whether_somebody_still_writes_a_file_of_another_account(string settings, string rights)
    {
        var units = Units(null, SyncTaskScope.System) with { Config = Config("  " + settings) };
        Assert.Contains($"\nAmbientCapabilities={rights}\nCapabilityBoundingSet={rights}\n", units.Build()[0].Text);
        var root = (units with { RunAs = "root" }).Build()[0].Text;
        Assert.Contains($"\nAmbientCapabilities=\nCapabilityBoundingSet={$"CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER {rights}".TrimEnd()}\n", root);
    }

    [Fact]
    public void Root_keeps_the_rights_to_read_what_others_own_and_another_account_none()
    {
        Assert.Contains("\nCapabilityBoundingSet=\n", Units(null, SyncTaskScope.System).Build()[0].Text);
        var root = (Units(null, SyncTaskScope.System) with { RunAs = "root" }).Build()[0].Text;
        Assert.Contains("\nCapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER\n", root);
        Assert.Contains(
            "\nSystemCallFilter=~@privileged\nSystemCallFilter=@chown\nSystemCallErrorNumber=EPERM\nRestrictSUIDSGID=yes\nUMask=0022\n", root);
    }

    [Fact]
    public void A_group_that_the_configuration_names_may_write_what_is_copied_and_folders_may_hand_it_on()
    {
        var units = Units(null, SyncTaskScope.System);
        Assert.Contains("\nUMask=0022\n", units.Build()[0].Text);
        var media = (units with { Config = units.Config with { Group = "media", DirMode = "2770" } }).Build()[0].Text;
        Assert.Contains("\nUMask=0002\n", media);
        Assert.DoesNotContain("RestrictSUIDSGID", media);
        var attic = new LocalDestinationConfig { Name = "attic", Root = "/mnt/attic", Group = "media", DirMode = "0770" };
        var place = (units with { Config = units.Config with { Destinations = new Dictionary<string, DestinationConfig> { ["attic"] = attic } } })
            .Build()[0].Text;
        Assert.Contains("\nRestrictSUIDSGID=yes\nUMask=0002\n", place);
    }

    [Fact]
    public void The_system_has_no_one_who_logs_on() =>
        Assert.Equal(
            "UnitSchedule",
            Assert.Throws<FailureException>(() => Units(new SyncSchedule.AtLogOn(), SyncTaskScope.System).Build()).Failure.Code);

    [Fact]
    public void A_unit_says_of_itself_what_it_is()
    {
        var units = Units(new SyncSchedule.Every(TimeSpan.FromMinutes(15)), SyncTaskScope.System);
        Assert.All((units with { Config = units.Config with { File = "/etc/5%.yaml" } }).Build(), unit =>
        {
            Assert.True(UnitFile.IsOurs(unit.Text));
            Assert.Equal(
                ("every 15m", "/etc/5%.yaml", null),
                (UnitFile.Own(unit.Text, "Schedule"), UnitFile.Own(unit.Text, "Config"), UnitFile.Own(unit.Text, "User")));
        });
        Assert.False(UnitFile.IsOurs("[Unit]\n"));
        Assert.Equal(["nassync.timer", "nassync.service"], new[] { units.Enabled, (units with { Schedule = null }).Enabled });
    }

    [RequiresFact("linux", "strace", "systemd-analyze")]
    public async Task A_run_makes_no_system_call_that_the_unit_forbids()
    {
        var allowed = SystemdAnalyze.Calls("@system-service");
        allowed.ExceptWith(SystemdAnalyze.Calls("@privileged"));
        Assert.True(allowed.Count > 200);

        allowed.UnionWith(SystemdAnalyze.Calls("@chown"));
        using var cli = new Cli();
        var job = cli.Job();
        job.Add("a.m4a", "audio", content: new byte[100_000]).Write();
        var run = await Nassync.RunUnderAsync(
            ["strace", "-f", "-qq", "-o", cli.Folder["calls.txt"]], "sync", "--config", cli.WriteConfig(), "--json");
        Assert.Equal(0, run.ExitCode);
        var made = File.ReadLines(cli.Folder["calls.txt"])
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])
            .Where(word => word.Contains('('))
            .Select(word => word.Split('(')[0])
            .ToHashSet();

        // What strace writes of a thread that died before it could read which call it had made.
        made.Remove("???");
        Assert.Contains("openat2", made);
        Assert.Equal([], made.Except(allowed));
    }

    private static List<string> Writable(SyncConfig config) =>
        [.. (Units(null, SyncTaskScope.System) with { Config = config })
            .Build()[0].Text
            .Split('\n')
            .Where(line => line.StartsWith("ReadWritePaths=", StringComparison.Ordinal))
            .Select(line => line["ReadWritePaths=".Length..])];

    private static SystemdUnits Units(SyncSchedule? schedule, SyncTaskScope scope) => new()
    {
        Name = "nassync",
        Command = ["/usr/bin/nassync", schedule is null ? "watch" : "sync", "--config", "/etc/nassync/nas sync.yaml"],
        Config = Config("  routes: [{ match: { kind: audio }, to: /mnt/nas/audio }]"),
        Schedule = schedule,
        Scope = scope,
        RunAs = "nassync",
        EnvironmentFile = "/etc/nassync/environment",
        TimeLimit = schedule is SyncSchedule.DailyAt ? TimeSpan.FromHours(6) : null,
    };

    private static SyncConfig Config(string settings)
    {
        using var folder = new TempFolder();
        var file = folder.Write("nas-sync.yaml", $"nasSync:\n  outputsDir: /srv/outputs\n  workDir: /srv/work\n{settings.TrimEnd()}\n");
        var result = ConfigLoader.Load(
            new() { FilePath = file, Environment = new Dictionary<string, string> { ["HOME"] = "/var/lib/nassync" }, CurrentFolder = "/" });
        return Assert.IsType<SyncConfig>(result.Config) with { File = "/etc/nassync/nas sync.yaml" };
    }
}
