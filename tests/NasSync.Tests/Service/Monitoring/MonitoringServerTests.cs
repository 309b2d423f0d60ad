using System.Net;
using System.Text.Json;
using NasSync.Service.Monitoring;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service.Monitoring;

/// <summary>Metrics and health as a scraper and a container's health check ask for them.</summary>
public sealed class MonitoringServerTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly HealthState _health;
    private readonly HttpClient _client = new();
    private MonitoringServer? _server;

    public MonitoringServerTests() => _health = new HealthState(_time);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public async Task Metrics_come_as_the_text_format_says()
    {
        using var answer = await GetAsync("metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("# some text\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Ready_is_only_what_has_everything_and_what_is_missing_is_named()
    {
        using (var early = await GetAsync("readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
            Assert.Equal(
                ["ledger", "outputs", "watcher"],
                (await JsonAsync(early)).GetProperty("missing").EnumerateArray().Select(one => one.GetProperty("part").GetString()));
        }

        foreach (var part in Enum.GetValues<HealthPart>()) _health.Ready(part);
        using (var ready = await GetAsync("readyz"))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            Assert.Equal("ready", (await JsonAsync(ready)).GetProperty("status").GetString());
        }

        _health.NotReady(HealthPart.Outputs, "the outputs folder \"/data/\noutputs\" is not there");
        using var gone = await GetAsync("readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, gone.StatusCode);
        Assert.Equal(
            """{"status":"notReady","missing":[{"part":"outputs","reason":"the outputs folder \"/data/\noutputs\" is not there"}]}""" + "\n",
            await gone.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Alive_is_what_gives_a_sign_each_minute()
    {
        using (var alive = await GetAsync("healthz"))
            Assert.Equal((HttpStatusCode.OK, "alive"), (alive.StatusCode, (await JsonAsync(alive)).GetProperty("status").GetString()));
        _time.Advance(TimeSpan.FromSeconds(59));
        _health.Beat();
        _time.Advance(TimeSpan.FromSeconds(59));
        using (var alive = await GetAsync("healthz")) Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        using (var stuck = await GetAsync("healthz"))
            Assert.Equal(
                (HttpStatusCode.ServiceUnavailable, """{"status":"stuck","silentSeconds":60.5}""" + "\n"),
                (stuck.StatusCode, await stuck.Content.ReadAsStringAsync()));
        _health.Beat();
        using var again = await GetAsync("healthz");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/", "localhost", HttpStatusCode.NotFound)]
    [InlineData("GET", "/metrics/../healthz", "127.0.0.1", HttpStatusCode.OK)]
    [InlineData("HEAD", "/metrics", "127.0.0.1", HttpStatusCode.OK)]
    [InlineData("POST", "/metrics", "localhost", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/metrics", "attacker.example.com", HttpStatusCode.Forbidden)]
    public async Task Only_those_pages_are_there_only_to_be_read_and_only_for_this_machine(
        string method, string path, string host, HttpStatusCode expected)
    {
        var port = await PortAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://127.0.0.1:{port}{path}");
        request.Headers.Host = $"{host}:{port}";
        using var answer = await _client.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
        if (expected != HttpStatusCode.OK || method == "HEAD") Assert.DoesNotContain("# some", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_the_setting_that_cures_it()
    {
        var port = await PortAsync();
        var failure = (await Assert.ThrowsAsync<FailureException>(
            () => MonitoringServer.StartAsync(new IPEndPoint(IPAddress.Loopback, port), _health, () => "", default))).Failure;
        Assert.Equal((FailureClass.Config, "MetricsPortTaken"), (failure.Class, failure.Code));
        Assert.StartsWith($"Port {port} of 127.0.0.1, where metrics and health are to be shown, cannot be used", failure.Message);
    }

    [Fact]
    public async Task At_another_address_it_answers_by_any_name()
    {
        await using var open = await MonitoringServer.StartAsync(new IPEndPoint(IPAddress.Any, 0), _health, () => "# some text\n", default);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{open.Port}/metrics");
        request.Headers.Host = "nassync:9469";
        using var answer = await _client.SendAsync(request);
        Assert.Equal("# some text\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_address_of_another_machine_is_told_with_the_setting_that_cures_it()
    {
        var elsewhere = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);
        var failure = (await Assert.ThrowsAsync<FailureException>(() => MonitoringServer.StartAsync(elsewhere, _health, () => "", default))).Failure;
        Assert.StartsWith("Port 0 of 192.0.2.1, where", failure.Message, StringComparison.Ordinal);
        Assert.Contains("metricsAddress", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_it_has_stopped_nothing_listens_any_more_and_the_port_is_free()
    {
        var port = await PortAsync();
        using (await GetAsync("healthz")) await _server!.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz")));
        _server = await MonitoringServer.StartAsync(new IPEndPoint(IPAddress.Loopback, port), _health, () => "", default);
        using var answer = await GetAsync("healthz");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<int> PortAsync() =>
        (_server ??= await MonitoringServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, OwnPort.Next()), _health, () => "# some text\n", default)).Port;

    private async Task<HttpResponseMessage> GetAsync(string page) => await _client.GetAsync(new Uri($"http://127.0.0.1:{await PortAsync()}/{page}"));

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
