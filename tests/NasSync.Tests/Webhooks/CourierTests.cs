using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Webhooks;

/// <summary>What is told, to whom, and what becomes of the stream of events meanwhile.</summary>
public sealed class CourierTests : IAsyncLifetime
{
    private CourierWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await CourierWorld.MakeAsync();

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_failure_and_the_end_of_a_run_are_told_signed_and_in_order()
    {
        await _world.RunAsync(SampleEvents.Failed("1.m4a"), SampleEvents.Failed("2.m4a"), SampleEvents.Finished(new SyncResult { Failed = 2 }));

        var told = _world.Receiver.Seen;
        Assert.Equal(
            ["failed 1.m4a", "failed 2.m4a", "finished"],
            told.Select(one => $"{one.Event} {(one.Json.TryGetProperty("artifact", out var path) ? path.GetString() : "")}".Trim()));
        Assert.All(told, one =>
        {
            Assert.Equal(("POST", "/hook", "application/json"), (one.Method, one.Path, one.Headers["Content-Type"]));
            Assert.Matches(@"^nassync/\d+\.\d+\.\d+$", one.Headers["User-Agent"]);
            Assert.True(Guid.TryParse(one.Id, out _), one.Id);
            var timestamp = one.Headers["webhook-timestamp"];
            Assert.Equal(_world.Time.GetUtcNow().ToUnixTimeSeconds(), long.Parse(timestamp, null));
            Assert.Equal(Recompute(one), one.Headers["webhook-signature"]);
        });
        Assert.Equal(3, told.Select(one => one.Id).Distinct().Count());
        Assert.Equal((0, 3L, null), (_world.State.Waiting, _world.State.Delivered, _world.State.Error));
    }

    [Fact]
    public async Task What_is_told_is_the_line_of_the_log()
    {
        await _world.RunAsync(SampleEvents.Failed(), SampleEvents.Finished());

        Assert.Equal(
            ((TransferEvent[])[SampleEvents.Failed(), SampleEvents.Finished()]).Select(one => TransferEventJson.ToLine(one, _world.Time.GetUtcNow())),
            _world.Receiver.Seen.Select(one => one.Text));
    }

    [Fact]
    public async Task Every_event_is_passed_on_as_it_came()
    {
        TransferEvent[] events =
            [
                SampleEvents.Planned(), SampleEvents.Committed(), SampleEvents.Skipped(SkipKind.Unchanged), SampleEvents.Failed(),
                SampleEvents.Finished(),
            ];
        Assert.Equal(events, await _world.RunAsync(events));

        _world.Config = _world.Config with { Webhooks = [] };
        Assert.Equal(events, await _world.RunAsync(events));
    }

    [Fact]
    public async Task Only_the_events_that_are_asked_for_are_told()
    {
        _world.Config = _world.Config with
        {
            Webhooks =
            [
                new WebhookConfig { Url = new Uri(_world.Receiver.Url, "/failed"), Events = ["failed"] },
                new WebhookConfig { Url = new Uri(_world.Receiver.Url, "/all"), Events = WebhookEvents.All },
            ],
        };
        var stopped = new TransferEvent.Failed("it", new Failure(FailureClass.Transient, "Stopped", "m", "h"));
        var done = new TransferEvent.JobFinished("/m", "job_1", new SyncResult { Committed = 1 });
        var idle = new TransferEvent.JobFinished("/m", "job_2", new SyncResult { Unchanged = 1 });
        await _world.RunAsync(
            SampleEvents.Planned(), SampleEvents.Committed(), SampleEvents.Skipped(SkipKind.Unchanged), SampleEvents.Skipped(SkipKind.Conflict),
            stopped, SampleEvents.Failed(), done, idle, SampleEvents.Finished());

        Assert.Equal(["failed"], _world.Receiver.Seen.Where(one => one.Path == "/failed").Select(one => one.Event));
        Assert.Equal(
            ["committed", "skipped", "failed", "jobFinished", "finished"],
            _world.Receiver.Seen.Where(one => one.Path == "/all").Select(one => one.Event));
        Assert.All(_world.Receiver.Seen, one => Assert.False(one.Headers.ContainsKey("webhook-signature"), "there is no secret to sign with"));
    }

    [Fact]
    public async Task An_address_that_stands_there_twice_is_told_once()
    {
        var url = new Uri(_world.Receiver.Url, "/one");
        _world.Config = _world.Config with
        {
            Webhooks = [
                new WebhookConfig { Url = url, Events = ["failed"] },
                new WebhookConfig { Url = url, Secret = new SecretReference("env", "HOOK_SECRET") },
            ],
        };
        await _world.RunAsync(SampleEvents.Failed(), SampleEvents.Finished());

        Assert.Equal(["failed", "finished"], _world.Receiver.Seen.Select(one => one.Event));
        Assert.All(_world.Receiver.Seen, one => Assert.Equal(Recompute(one), one.Headers["webhook-signature"]));
    }

    [Fact]
    public async Task While_a_folder_is_watched_what_happens_is_told_at_once_and_again_until_it_is_taken()
    {
        _world.Receiver.AnswerInTurn(500);
        var events = Channel.CreateUnbounded<TransferEvent>();
        var passed = new ConcurrentQueue<string>();
        var watching = Task.Run(async () =>
        {
            await foreach (var one in _world.Courier().TeeAsync(events.Reader.ReadAllAsync(), _world.Ledger)) passed.Enqueue(one.Name);
        });

        await events.Writer.WriteAsync(SampleEvents.Failed());
        await _world.Receiver.SeeAsync(1);
        await UntilAsync(() => passed.Count == 2); // that it failed is told, although nothing else happens
        await UntilAsync(() => _world.Time.Waiting > 0);
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        var told = await _world.Receiver.SeeAsync(2);

        Assert.Equal((told[0].Id, told[0].Text), (told[1].Id, told[1].Text));
        await UntilAsync(() => _world.State.Delivered == 1);
        await events.Writer.WriteAsync(SampleEvents.Finished());
        events.Writer.Complete();
        await watching;
        Assert.Equal(["failed", "warned", "finished"], passed);
    }

    [Fact]
    public async Task A_run_that_was_stopped_keeps_what_it_has_to_tell_for_the_next()
    {
        using var stop = new CancellationTokenSource();
        _world.Receiver.Hang();
        var running = Task.Run(async () =>
        {
            var names = new List<string>();
            await foreach (var one in _world.Courier().TeeAsync(
                SampleEvents.Stream(SampleEvents.Failed(), SampleEvents.Finished()), _world.Ledger, stop.Token)) names.Add(one.Name);
            return names;
        });
        var first = (await _world.Receiver.SeeAsync(1))[0];
        await stop.CancelAsync();

        Assert.Equal(["failed", "finished"], await running);
        Assert.Equal((2, null), (_world.State.Waiting, _world.State.Error));

        _world.Receiver.Answer(204);
        Assert.Empty(await _world.WarningsOfRunAsync());
        Assert.Equal(["failed", "finished", "finished"], _world.Receiver.Seen.Skip(1).Select(one => one.Event));
        Assert.Equal(first.Id, _world.Receiver.Seen[1].Id);
    }

    [Fact]
    public async Task Who_stops_reading_ends_the_delivering_too()
    {
        _world.Receiver.Hang();
        await foreach (var one in _world.Courier().TeeAsync(SampleEvents.Stream(SampleEvents.Failed(), SampleEvents.Finished()), _world.Ledger))
        {
            Assert.IsType<TransferEvent.Failed>(one);
            break;
        }

        // What the run said at its end is kept too.
        Assert.Equal((2, null), (_world.State.Waiting, _world.State.Error));
    }

    [Fact]
    public async Task A_ledger_that_keeps_nothing_costs_the_notices_and_not_the_run()
    {
        _world.Ledger.Dispose();
        _world.Ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);

        var passed = await _world.RunAsync(SampleEvents.Failed(), SampleEvents.Committed(), SampleEvents.Finished());

        Assert.Equal(["committed", "failed", "finished"], passed.Select(one => one.Name).Where(name => name != "warned").Order());
        Assert.Contains(passed.OfType<TransferEvent.Warned>(), warned => warned.Notice.Code == "WebhookNotKept");
        Assert.IsType<TransferEvent.Finished>(passed[^1]);
        Assert.Empty(_world.Receiver.Seen);
    }

    [Fact]
    public async Task No_secret_and_nothing_of_an_address_that_may_be_one_stands_in_ledger_events_or_status()
    {
        const string canary = "c4nary0c4nary0c4nary0";
        _world.Hook($"/services/T1/{canary}?token={canary}");
        _world.Variables["HOOK_SECRET"] = canary;
        _world.Receiver.Answer(500);

        var passed = await _world.RunAsync(SampleEvents.Failed(), SampleEvents.Finished());
        _world.Variables["HOOK_SECRET"] = $"whsec_{canary}!";
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        passed = [.. passed, .. await _world.RunAsync(SampleEvents.Finished())];

        Assert.Equal(["WebhookError", "WebhookSecret"], passed.OfType<TransferEvent.Warned>().Select(warned => warned.Notice.Code));
        Assert.All(passed, one => Assert.DoesNotContain(canary, TransferEventJson.ToLine(one)));
        Assert.DoesNotContain(canary, _world.State.ToString());
        Assert.Equal($"{new Uri(_world.Receiver.Url, "/services/T1/")}…", _world.State.Url);
        _world.Ledger.Dispose();
        Assert.All(Directory.GetFiles(_world.Config.WorkDir), file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf("c4nary"u8)));
    }

    private static string Recompute(HookReceiver.Told told)
    {
        using var hmac = new System.Security.Cryptography.HMACSHA256(Convert.FromBase64String(CourierWorld.Secret["whsec_".Length..]));
        byte[] signed = [.. System.Text.Encoding.UTF8.GetBytes($"{told.Id}.{told.Headers["webhook-timestamp"]}."), .. told.Body];
        return "v1," + Convert.ToBase64String(hmac.ComputeHash(signed));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), "it never came");
            await Task.Yield();
        }
    }
}
