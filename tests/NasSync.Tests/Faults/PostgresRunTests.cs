using NasSync.Config;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Tests.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Faults;

/// <summary>
/// Whole runs with a PostgreSQL ledger: repeated without changes, killed, without the server for a while, two at once, and from two machines in turn.
/// </summary>
[Needs("postgres")]
[Long]
public sealed class PostgresRunTests : IDisposable
{
    private const int Jobs = 12;

    private readonly PostgresPlace _place = new();
    private readonly SyncWorld _world = new();

    public PostgresRunTests() => _world.Config = _world.Config with { Ledger = _place.Config.Ledger };

    public void Dispose()
    {
        _world.Dispose();
        _place.Dispose();
    }

    [NeedsFact]
    public async Task The_program_syncs_once_and_finds_nothing_to_do_then()
    {
        MakeJobs();
        var config = WriteConfig("one");

        var first = await Nassync.RunAsync("sync", "--config", config, "--json");
        var second = await Nassync.RunAsync("sync", "--config", config, "--json");
        var status = await Nassync.RunAsync("status", "--config", config, "--json");

        Assert.Equal((0, Jobs), (first.ExitCode, first.Of("committed").Count));
        Assert.Equal((0, 0, Jobs), (second.ExitCode, second.Of("committed").Count, second.Of("finished")[0].GetProperty("unchanged").GetInt32()));
        Assert.Equal(Jobs, status.Of("status")[0].GetProperty("copies").GetInt32());
        Assert.False(File.Exists(Path.Combine(_world.Root, "one", Ledger.FileName)));
    }

    [NeedsTheory]
    [InlineData("run.recording")]
    [InlineData("ledger.committing:2")]
    [InlineData("ledger.committed:2")]
    [InlineData("ledger.migrating")]
    [InlineData("ledger.migrated")]
    public async Task A_run_that_is_killed_is_gone_on_with_and_nothing_is_sent_twice(string point)
    {
        MakeJobs();
        var config = WriteConfig("one");
        var killed = await Nassync.RunUnderAsync(["env", $"{NasSync.Processes.CrashPoint.Variable}={point}"], "sync", "--config", config, "--json");
        Assert.Equal(137, killed.ExitCode);
        var inodes = _world.NasFiles().Where(file => !file.Contains(".nassync-part", StringComparison.Ordinal)).ToDictionary(file => file, Inode);

        var next = await Nassync.RunAsync("sync", "--config", config, "--json");
        var last = await Nassync.RunAsync("sync", "--config", config, "--json");

        Assert.Equal(0, next.ExitCode);
        Assert.Equal((0, Jobs), (last.ExitCode, last.Of("finished")[0].GetProperty("unchanged").GetInt32()));
        Assert.Equal(Jobs, _world.NasFiles().Count);
        Assert.All(inodes, pair => Assert.Equal(pair.Value, Inode(pair.Key)));

        ulong Inode(string file)
        {
            using var root = SafeRoot.Open(_world.Nas);
            return root.Stat(RelativePath.Parse(file))!.Value.State.Inode;
        }
    }

    [NeedsFact]
    public async Task A_restart_of_the_server_in_the_middle_of_a_run_costs_nothing()
    {
        await using var server = await PostgresServer.StartAsync();
        _world.Config = _world.Config with { Ledger = new LedgerConnection(null, server.Local), Transfers = 1 };
        MakeJobs();
        var (asked, told, restarted) = (0, 0, false);
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var events = new List<TransferEvent>();
        await foreach (var one in new SyncEngine(_world.Config).RunAsync(new SyncRequest { Approve = RestartOnceAsync }))
        {
            events.Add(one);

            // All that was approved before is recorded by then: under load the restart takes longer than a record is retried.
            if (one is TransferEvent.Committed && ++told == 3) committed.TrySetResult();
        }

        Assert.True(restarted);
        Assert.Empty(events.OfType<TransferEvent.Failed>());
        Assert.Equal(Jobs, events.OfType<TransferEvent.Started>().Count());
        Assert.Equal(Jobs, ((TransferEvent.Finished)events[^1]).Result.Committed);
        Assert.Equal(Jobs, (await _world.SyncAsync()).Unchanged);

        async ValueTask<bool> RestartOnceAsync(PlanItem item, CancellationToken cancellationToken)
        {
            if (++asked != 4) return true;
            await committed.Task.WaitAsync(cancellationToken);
            await server.StopAsync();
            await server.BeginAgainAsync();
            return restarted = true;
        }
    }

    [NeedsFact]
    public async Task What_was_copied_while_the_server_was_gone_for_good_is_found_by_the_next_run()
    {
        await using var server = await PostgresServer.StartAsync();
        _world.Config = _world.Config with
        {
            Ledger = new LedgerConnection(null, server.Local),
            Retry = new RetryConfig { BaseDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50) },
        };
        MakeJobs();
        var asked = 0;
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var events = new List<TransferEvent>();
        await foreach (var one in new SyncEngine(_world.Config).RunAsync(new SyncRequest { Approve = StopOnceAsync }))
        {
            events.Add(one);
            if (one is TransferEvent.Committed) committed.TrySetResult();
        }

        Assert.Contains(events.OfType<TransferEvent.Failed>(), one => one is { Subject: "ledger", Failure.Code: "LedgerUnreachable" });
        var result = ((TransferEvent.Finished)events[^1]).Result;
        Assert.Equal(ExitCode.DestinationUnavailable, result.ExitCode);
        var copied = _world.NasFiles().Count;
        Assert.InRange(copied, result.Committed + 1, Jobs - 1);

        await server.BeginAgainAsync();
        var next = await _world.SyncAsync();
        Assert.Equal(
            (Jobs - copied, copied - result.Committed, result.Committed, 0),
            (next.Committed, next.AlreadyPresent, next.Unchanged, next.Failed));

        async ValueTask<bool> StopOnceAsync(PlanItem item, CancellationToken cancellationToken)
        {
            if (++asked != 4) return true;
            await committed.Task.WaitAsync(cancellationToken);
            await server.StopAsync();
            return true;
        }
    }

    [NeedsFact]
    public async Task Two_runs_at_once_do_not_work_on_one_ledger()
    {
        MakeJobs();
        using (Ledger.Open(_world.Config))
        {
            var second = await Nassync.RunAsync("sync", "--config", WriteConfig("other"), "--json");
            Assert.Equal(10, second.ExitCode);
            Assert.Contains($"nassync pid {Environment.ProcessId} on {Environment.MachineName}", second.Error, StringComparison.Ordinal);
            Assert.Empty(_world.NasFiles());

            Assert.Equal(0, (await Nassync.RunAsync("status", "--config", WriteConfig("other"))).ExitCode);
            Assert.Equal(0, (await Nassync.RunAsync("plan", "--config", WriteConfig("other"))).ExitCode);
        }

        Assert.Equal(0, (await Nassync.RunAsync("sync", "--config", WriteConfig("other"))).ExitCode);
    }

    [NeedsFact]
    public async Task Two_machines_in_turn_take_over_what_the_other_did()
    {
        MakeJobs();
        Assert.Equal(Jobs, (await _world.SyncAsync()).Committed);
        var other = _world.Config with { WorkDir = Path.Combine(_world.Root, "other") };
        (var first, _world.Config) = (_world.Config, other);
        Assert.Equal(Jobs, (await _world.SyncAsync()).Unchanged);
        _world.Job("job_new").Add("a.m4a", "audio").Write();
        Assert.Equal((1, Jobs), ((await _world.SyncAsync()) is var result ? result.Committed : 0, result.Unchanged));
        _world.Config = first;
        Assert.Equal(Jobs + 1, (await _world.SyncAsync()).Unchanged);
    }

    [NeedsFact]
    public async Task A_path_that_leads_to_another_disk_on_another_machine_gets_no_byte()
    {
        MakeJobs();
        await _world.SyncAsync();

        // The second machine has a different, empty folder at the same path.
        Directory.Move(_world.Nas, _world.Nas + ".first");
        Directory.CreateDirectory(_world.Nas);
        _world.Config = _world.Config with { WorkDir = Path.Combine(_world.Root, "other") };
        _world.Job("job_new").Add("a.m4a", "audio").Write();

        var failures = await _world.FailuresAsync();

        Assert.NotEmpty(failures);
        Assert.All(failures, failure => Assert.Equal("DestinationUnavailable", failure.Code));
        Assert.Empty(_world.NasFiles());
    }

    [NeedsFact]
    public async Task No_source_is_removed_after_the_database_was_emptied_until_a_run_went_to_its_end()
    {
        MakeJobs();
        await _world.SyncAsync();
        PostgresServer.Get().Execute($"drop schema {_place.Schema} cascade");

        // A copy that was only found there never allows the removal of a source; a new copy does.
        foreach (var copy in _world.NasFiles()) File.Delete(Path.Combine(_world.Nas, copy));
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };

        var rebuilding = await _world.RunAsync();
        Assert.Equal("LedgerLost", Assert.Single(rebuilding.OfType<TransferEvent.Warned>()).Notice.Code);
        Assert.Empty(rebuilding.OfType<TransferEvent.Released>());
        Assert.Equal(Jobs, ((TransferEvent.Finished)rebuilding[^1]).Result.Committed);

        Assert.Equal(Jobs, (await _world.RunAsync()).OfType<TransferEvent.Released>().Count());
        Assert.Equal(Jobs, _world.NasFiles().Count);
    }

    [NeedsFact]
    public async Task The_password_is_in_nothing_that_the_program_says_or_writes()
    {
        MakeJobs();
        using var folder = new TempFolder();
        var secret = folder.Write("ledger", $"{PostgresServer.Get().Tcp()};Password={PostgresServer.Password};Search Path={_place.Schema}\n");
        var config = WriteConfig("one", $"file:{secret}", $"  logFile: {_world.Root}/log.jsonl");

        var runs = new List<Nassync>
        {
            await Nassync.RunAsync("sync", "--config", config, "--log-level", "debug"),
            await Nassync.RunAsync("status", "--config", config),
            await Nassync.RunAsync("config", "show", "--config", config),
        };
        Assert.All(runs, run => Assert.Equal(0, run.ExitCode));
        File.WriteAllText(secret, $"{PostgresServer.Get().Tcp()};Password=wrong {PostgresServer.Password};Search Path={_place.Schema}");
        runs.Add(await Nassync.RunAsync("sync", "--config", config, "--log-level", "debug"));
        runs.Add(await Nassync.RunAsync("sync", "--config", config, "--json"));

        Assert.Equal((3, 3), (runs[^2].ExitCode, runs[^1].ExitCode));
        Assert.Contains("LedgerRefused", runs[^2].Error, StringComparison.Ordinal);
        Assert.All(runs, run => Assert.DoesNotContain(PostgresServer.Password, run.Out + run.Error, StringComparison.Ordinal));
        foreach (var file in Directory.EnumerateFiles(_world.Root, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(PostgresServer.Password, File.ReadAllText(file), StringComparison.Ordinal);
    }

    private void MakeJobs()
    {
        for (var i = 0; i < Jobs; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
    }

    private string WriteConfig(string work, string? ledger = null, string more = "")
    {
        var file = Path.Combine(_world.Root, $"{work}.yaml");
        File.WriteAllText(file, $$"""
            nasSync:
              outputsDir: {{_world.Outputs}}
              workDir: {{_world.Root}}/{{work}}
              ledger: "{{ledger ?? _place.Connection}}"
              remoteRoots: { nas: {{_world.Nas}} }
              routes: [ { to: "${remoteRoots.nas}/${jobId}" } ]
            {{more}}
            """);
        return file;
    }
}
