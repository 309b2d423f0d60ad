using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Webhooks;

namespace NasSync.Tests.Webhooks;

/// <summary>What a receiver may do wrong, and what becomes of the deliveries and the run.</summary>
public sealed class ReceiverFaultTests : IAsyncLifetime
{
    private CourierWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await CourierWorld.MakeAsync();

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task One_that_answers_500_is_told_again_by_a_later_run_with_the_same_id_and_a_new_signature()
    {
        _world.Receiver.AnswerInTurn(500);
        Assert.Equal(["WebhookError"], await _world.WarningsOfRunAsync(SampleEvents.Failed()));
        Assert.Equal(2, _world.State.Waiting);
        Assert.Equal($"The webhook {new Uri(_world.Receiver.Url, "/hook")} answered 500.", _world.State.Error);

        _world.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(await _world.WarningsOfRunAsync());

        var told = _world.Receiver.Seen;
        Assert.Equal(["failed", "failed", "finished", "finished"], told.Select(one => one.Event));
        Assert.Equal((told[0].Id, told[0].Text), (told[1].Id, told[1].Text));
        Assert.NotEqual(told[0].Headers["webhook-signature"], told[1].Headers["webhook-signature"]);
        Assert.Equal((0, 3L, null), (_world.State.Waiting, _world.State.Delivered, _world.State.Error));
    }

    [Fact]
    public async Task Before_its_time_a_delivery_is_not_tried_again()
    {
        _world.Receiver.Answer(500);
        await _world.WarningsOfRunAsync(SampleEvents.Failed());
        var wait = _world.State.NextAt!.Value - _world.Time.GetUtcNow();
        Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(30));

        if (wait > TimeSpan.FromMilliseconds(1)) _world.Time.Advance(wait - TimeSpan.FromMilliseconds(1));
        await _world.WarningsOfRunAsync();
        Assert.Single(_world.Receiver.Seen);
    }

    [Fact]
    public async Task One_that_is_not_there_is_told_when_it_is()
    {
        var url = _world.Receiver.Url;
        await _world.Receiver.DisposeAsync();
        Assert.Equal(["WebhookUnreachable"], await _world.WarningsOfRunAsync(SampleEvents.Failed()));
        Assert.Contains("refused", _world.State.Error);

        await using var back = await HookReceiver.StartAsync(url.Port);
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(await _world.WarningsOfRunAsync());
        Assert.Equal(["failed", "finished", "finished"], back.Seen.Select(one => one.Event));
    }

    [Fact]
    public async Task One_that_hangs_holds_a_run_that_is_done_for_five_seconds_and_no_other_receiver()
    {
        await using var well = await HookReceiver.StartAsync();
        _world.HookAt(new Uri(_world.Receiver.Url, "/hook"), new Uri(well.Url, "/well"));
        _world.Receiver.Hang();
        var waits = new ConcurrentQueue<TimeSpan>();
        _world.Time.TimerMade = waits.Enqueue;

        var running = _world.WarningsOfRunAsync(SampleEvents.Failed());
        await well.SeeAsync(2);
        await _world.Receiver.SeeAsync(1);

        // Seen is not delivered: the answer has its way to go before the clock runs.
        while (WebhookStatus.Of(_world.Config, _world.Ledger).Single(hook => hook.Url!.EndsWith("/well", StringComparison.Ordinal)).Waiting > 0)
            await Task.Yield();
        Assert.False(running.IsCompleted);
        await _world.Time.RunUntilAsync(running);

        Assert.Equal(["WebhookSilent"], await running);
        Assert.Contains(TimeSpan.FromSeconds(5), waits);
        Assert.EndsWith("did not answer before the run ended.", _world.State.Error, StringComparison.Ordinal);
        Assert.Equal(2, _world.State.Waiting);
    }

    [Fact]
    public async Task One_that_hangs_is_given_ten_seconds()
    {
        _world.Receiver.Hang();
        var waits = new ConcurrentQueue<TimeSpan>();
        _world.Time.TimerMade = waits.Enqueue;
        var running = Task.Run(async () =>
        {
            await foreach (var _ in _world.Courier(TimeSpan.FromDays(20)).TeeAsync(SampleEvents.Stream(SampleEvents.Finished()), _world.Ledger))
            {
            }
        });
        await _world.Receiver.SeeAsync(1);
        await _world.Time.RunUntilAsync(running);

        Assert.Contains(TimeSpan.FromSeconds(10), waits);
        Assert.EndsWith("did not answer within 10 s.", _world.State.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_gone_for_good_loses_all_that_waits_for_it_and_no_other_does()
    {
        _world.Hook("/gone", "/well");
        _world.Receiver.Script = (told, context) =>
        {
            if (told.Path == "/gone") context.Response.StatusCode = 410;
            else if (told.Event == "failed") context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var warnings = await _world.WarningsOfRunAsync(SampleEvents.Failed(), SampleEvents.Failed());

        Assert.Equal(["WebhookError", "WebhookGone"], warnings.Distinct().Order());
        Assert.Equal((0, 3L), (_world.State.Waiting, _world.State.Dropped));
        Assert.Contains("410", _world.State.Error);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var other = await HookReceiver.StartAsync();
        _world.Receiver.Script = (_, context) =>
        {
            context.Response.StatusCode = 308;
            context.Response.Headers.Location = other.Url.ToString();
            return Task.CompletedTask;
        };

        Assert.Equal(["WebhookMoved"], await _world.WarningsOfRunAsync());
        Assert.Empty(other.Seen);
        Assert.Equal(1, _world.State.Waiting);
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(500, 1)]
    public async Task An_answer_without_end_is_broken_off_and_its_status_counts(int status, int waiting)
    {
        // A bare socket: what Kestrel was given to write after the other end has gone would count too.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _world.HookAt(new Uri($"http://{listener.LocalEndpoint}/"));
        var serving = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.ReceiveAsync(new byte[1 << 16]);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Whatever\r\nContent-Length: {1L << 40}\r\n\r\n"));
            var sent = 0L;
            try
            {
                while (sent < 1L << 30) sent += await socket.SendAsync(new byte[1 << 16]);
            }
            catch (SocketException)
            {
                // What the test is about.
            }

            return sent;
        });
        await _world.WarningsOfRunAsync();

        Assert.Equal(waiting, _world.State.Waiting);
        Assert.InRange(await serving, 0, 32 << 20);
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "120", 120)]
    [InlineData(503, "Wed, 14 Jan 2026 12:10:00 GMT", 600)]
    [InlineData(429, "31536000", 86_400)]
    public async Task One_that_asks_for_patience_gets_it_for_up_to_a_day(int status, string retryAfter, int seconds)
    {
        _world.Receiver.Script = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        };

        Assert.Equal(["WebhookBusy"], await _world.WarningsOfRunAsync());
        Assert.Equal(SampleEvents.Noon.AddSeconds(seconds), _world.State.NextAt);
    }

    [Fact]
    public async Task After_ten_tries_over_hours_a_delivery_is_given_up_and_the_next_has_its_turn()
    {
        _world.Config = _world.Config with { Webhooks = [_world.Config.Webhooks[0] with { Events = ["failed"] }] };
        _world.Receiver.Answer(500);
        var waits = new List<TimeSpan>();
        Assert.Equal(["WebhookError"], await _world.WarningsOfRunAsync(SampleEvents.Failed("1.m4a"), SampleEvents.Failed("2.m4a")));
        while (_world.Receiver.Seen.Count < 9)
        {
            waits.Add(_world.State.NextAt!.Value - _world.Time.GetUtcNow());
            _world.Time.Advance(TimeSpan.FromHours(2));
            Assert.Equal(["WebhookError"], await _world.WarningsOfRunAsync());
        }

        _world.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["WebhookGivenUp", "WebhookError"], await _world.WarningsOfRunAsync());

        Assert.Equal([.. Enumerable.Repeat("1.m4a", 10), "2.m4a"], _world.Receiver.Seen.Select(one => one.Json.GetProperty("artifact").GetString()));
        Assert.Single(_world.Receiver.Seen.Take(10).Select(one => one.Id).Distinct());
        Assert.Equal((1, 1L), (_world.State.Waiting, _world.State.Dropped));
        for (var i = 0; i < waits.Count; i++) Assert.InRange(waits[i], TimeSpan.Zero, TimeSpan.FromSeconds(Math.Min(30 * (1 << i), 7200)));
    }

    [Fact]
    public async Task A_delivery_that_is_refused_does_not_hold_the_others_and_one_that_meets_an_error_does()
    {
        _world.Receiver.AnswerInTurn(422, 200, 500);
        await _world.WarningsOfRunAsync(
            SampleEvents.Failed("1.m4a"), SampleEvents.Failed("2.m4a"), SampleEvents.Failed("3.m4a"), SampleEvents.Failed("4.m4a"));

        Assert.Equal(["1.m4a", "2.m4a", "3.m4a"], _world.Receiver.Seen.Select(one => one.Json.GetProperty("artifact").GetString()));
        Assert.Equal(4, _world.State.Waiting);

        _world.Time.Advance(TimeSpan.FromMinutes(1));
        await _world.WarningsOfRunAsync();
        Assert.Equal(["3.m4a", "1.m4a", "4.m4a"], _world.Receiver.Seen.Skip(3).Take(3).Select(one => one.Json.GetProperty("artifact").GetString()));
    }

    [Fact]
    public async Task One_whose_certificate_nobody_vouches_for_is_told_nothing()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow().AddDays(1));
        await using var secure = await HookReceiver.StartAsync(certificate: certificate);
        _world.HookAt(secure.Url);

        Assert.Equal(["WebhookUntrusted"], await _world.WarningsOfRunAsync());
        Assert.Contains("certificate", _world.State.Error, StringComparison.Ordinal);
        Assert.Empty(secure.Seen);
        Assert.Equal(1, _world.State.Waiting);
    }

    [Fact]
    public async Task Without_its_secret_nothing_is_sent_unsigned()
    {
        _world.Variables.Clear();
        Assert.Equal(["SecretUnset"], await _world.WarningsOfRunAsync());
        Assert.Empty(_world.Receiver.Seen);

        _world.Variables["HOOK_SECRET"] = CourierWorld.Secret;
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(await _world.WarningsOfRunAsync());
        Assert.Equal(2, _world.Receiver.Seen.Count);
    }

    [Fact]
    public async Task What_waited_for_seven_days_is_not_told_any_more()
    {
        _world.Receiver.Answer(500);
        await _world.WarningsOfRunAsync(SampleEvents.Failed());
        _world.Receiver.Answer(200);
        _world.Time.Advance(Outbox.MaxAge + TimeSpan.FromSeconds(1));

        Assert.NotEmpty(await _world.WarningsOfRunAsync());
        Assert.Equal(["failed", "finished"], _world.Receiver.Seen.Select(one => one.Event));
        Assert.Equal(2, _world.State.Dropped);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_does_not_stop_the_deliveries()
    {
        var later = _world.Time.GetUtcNow().AddYears(1);
        var delivery = new Delivery
        {
            Id = Guid.NewGuid().ToString(),
            Hook = Hook(),
            Event = "failed",
            Body = "{}",
            CreatedAt = later,
            NextAt = later,
            Holds = true,
            Attempts = 1,
        };
        _world.Ledger.Outbox.Add([delivery], _world.Time.GetUtcNow());

        Assert.Empty(await _world.WarningsOfRunAsync());
        Assert.Equal(["failed", "finished"], _world.Receiver.Seen.Select(one => one.Event));

        string Hook() => NasSync.Webhooks.Hook.Of(_world.Config).Single().Key;
    }
}
