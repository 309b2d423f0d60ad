using System.Net;
using NasSync.Config;
using NasSync.Service;
using NasSync.Service.Monitoring;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service.Monitoring;

/// <summary>Everything that others see of a watching process, as it is begun, changed and ended.</summary>
public sealed class MonitorsTests : IDisposable
{
    private static readonly SyncConfig Config = new() { WorkDir = "/work" };
    private readonly StringWriter _text = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _text.Dispose();
    }

    [Fact]
    public async Task By_default_nothing_listens_and_nothing_is_sent()
    {
        await using var monitors = Begin();
        await monitors.ApplyAsync(Config, default);
        Assert.Null(monitors.Port);
        Assert.False(monitors.Flush());
    }

    [Fact]
    public async Task Metrics_are_sent_to_a_collector_under_their_names_and_to_no_other_path()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var monitors = Begin())
        {
            await monitors.ApplyAsync(Config with { OtlpEndpoint = collector.Endpoint }, default);
            monitors.Metrics.Observe(SampleEvents.Committed());
            monitors.Metrics.Observe(SampleEvents.Failed());

            // It waits for two seconds, which beside other load may be too few.
            var tries = 1;
            while (!monitors.Flush()) Assert.True(++tries < 100, "nothing is taken");
        }

        Assert.Equal(["POST /v1/metrics application/x-protobuf"], collector.Requests.Distinct());
        foreach (var name in new[]
        {
            "nassync.items", "nassync.copied", "nassync.copy.duration", "nassync.failures", "nassync.last_success.timestamp", "nassync.queue.depth",
            "nassync.build.info", "process.cpu",
        })
            Assert.True(collector.Names.GetValueOrDefault(name) > 0, name);
        Assert.Contains(
            collector.Bodies,
            body => body.Contains("service.name", StringComparison.Ordinal) && body.Contains("nassync", StringComparison.Ordinal));
        Assert.All(collector.Bodies, body => Assert.DoesNotContain("job_1", body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_refuses_or_is_gone_disturbs_nothing()
    {
        Uri endpoint;
        await using (var collector = await OtlpCollector.StartAsync())
        {
            endpoint = collector.Endpoint;
            collector.Status = 400;
            await using var refused = Begin();
            await refused.ApplyAsync(Config with { OtlpEndpoint = endpoint }, default);
            Assert.False(refused.Flush());
        }

        await using var monitors = Begin();
        await monitors.ApplyAsync(Config with { OtlpEndpoint = endpoint }, default);
        monitors.Metrics.Observe(SampleEvents.Committed());
        Assert.False(monitors.Flush());
    }

    [Fact]
    public async Task A_configuration_that_is_read_again_is_heeded_and_what_it_did_not_change_goes_on()
    {
        await using var monitors = Begin();
        await using var other = await MonitoringServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), new HealthState(TimeProvider.System), () => "", default);
        var free = OwnPort.Next();
        monitors.Metrics.Observe(SampleEvents.Committed());
        await monitors.ApplyAsync(Config with { MetricsPort = free }, default);
        Assert.Contains("nassync_items_total{", await GetAsync(free));

        await Assert.ThrowsAsync<FailureException>(() => monitors.ApplyAsync(Config with { MetricsPort = other.Port }, default));
        Assert.Equal(free, monitors.Port);
        Assert.Contains("nassync_items_total{", await GetAsync(free));

        await monitors.ApplyAsync(Config with { MetricsPort = free, Transfers = 2 }, default);
        Assert.Contains("nassync_items_total{", await GetAsync(free));
        Assert.Equal(2, monitors.Metrics.Config.Transfers);

        // The same port, at all addresses: the one before makes room.
        await monitors.ApplyAsync(Config with { MetricsPort = free, MetricsAddress = "0.0.0.0" }, default);
        Assert.Contains("nassync_items_total{", await GetAsync(free));

        await monitors.ApplyAsync(Config, default);
        Assert.Null(monitors.Port);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(free));
    }

    [Fact]
    public async Task An_address_that_is_not_to_be_had_leaves_the_monitoring_where_it_was()
    {
        await using var monitors = Begin();
        var port = OwnPort.Next();
        await monitors.ApplyAsync(Config with { MetricsPort = port }, default);
        foreach (var again in (int[])[1, 2])
        {
            // An address of the documentation, which no machine has.
            var elsewhere = Config with { MetricsPort = port, MetricsAddress = "192.0.2.1", Transfers = again };
            await Assert.ThrowsAsync<FailureException>(() => monitors.ApplyAsync(elsewhere, default));
            Assert.Contains("nassync_", await GetAsync(port));
        }
    }

    private Monitors Begin() => new(Config, new Shell(_text, _text));

    private Task<string> GetAsync(int port) => _client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
}
