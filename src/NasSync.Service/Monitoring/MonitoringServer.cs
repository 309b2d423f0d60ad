using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NasSync.Transfers;

namespace NasSync.Service.Monitoring;

/// <summary>
/// Serves <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> over HTTP. Uses Kestrel alone, without a host: the program itself handles signals,
/// configuration and log.
/// </summary>
internal sealed class MonitoringServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly KestrelServer _server;

    private MonitoringServer(KestrelServer server) => _server = server;

    /// <summary>The listening port.</summary>
    public int Port => new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <summary>Starts to listen.</summary>
    /// <param name="at">Address and port; port 0 takes a free one.</param>
    /// <param name="health">The health of the process.</param>
    /// <param name="metrics">Returns the metrics in Prometheus' text format.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="FailureException">The port is taken, or this machine does not have the address (class Config).</exception>
    public static async Task<MonitoringServer> StartAsync(
        IPEndPoint at,
        HealthState health,
        Func<string> metrics,
        CancellationToken cancellationToken)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 64;
        options.Limits.MaxRequestBodySize = 0;
        options.Listen(at, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(new Answers(health, metrics, at.Address), cancellationToken);
            return new MonitoringServer(server);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            server.Dispose();
            throw new FailureException(
                new Failure(
                    FailureClass.Config,
                    "MetricsPortTaken",
                    FormattableString.Invariant(
                        $"Port {at.Port} of {at.Address}, where metrics and health are to be shown, cannot be used ({e.Message.TrimEnd('.')})."),
                    "Set metricsPort (NAS_METRICS_PORT) to a port that is free, or to 0 for none, and metricsAddress to an address of this machine."),
                e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _server.StopAsync(limit.Token);
        _server.Dispose();
    }

    private sealed class Answers(HealthState health, Func<string> metrics, IPAddress address) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }

        public Task ProcessRequestAsync(HttpContext context)
        {
            var request = context.Request;
            // A web page whose name resolves to this address (DNS rebinding) must not read what the machine does.
            if (IPAddress.IsLoopback(address) && request.Host.Host is not ("localhost" or "127.0.0.1") && !IsAddress(request.Host.Host))
                return AnswerAsync(context, StatusCodes.Status403Forbidden, "text/plain", $"Ask by the name localhost or {address}.\n");
            if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
                return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed, "text/plain", "Use GET.\n");
            return request.Path.Value switch
            {
                "/metrics" => AnswerAsync(context, StatusCodes.Status200OK, "text/plain; version=0.0.4; charset=utf-8", metrics()),
                "/healthz" => AnswerAsync(context, health.IsAlive, health.IsAlive ? "alive" : "stuck", WriteSilence),
                "/readyz" => AnswerAsync(context, health.Missing.Count == 0, health.Missing.Count == 0 ? "ready" : "notReady", WriteMissing),
                _ => AnswerAsync(context, StatusCodes.Status404NotFound, "text/plain", "There is /metrics, /healthz and /readyz.\n"),
            };
        }

        private bool IsAddress(string host) => IPAddress.TryParse(host.Trim('[', ']'), out var asked) && asked.Equals(address);

        private void WriteSilence(Utf8JsonWriter json) => json.WriteNumber("silentSeconds", Math.Round(health.Silence.TotalSeconds, 1));

        private void WriteMissing(Utf8JsonWriter json)
        {
            json.WriteStartArray("missing");
            foreach (var (part, reason) in health.Missing)
            {
                json.WriteStartObject();
                json.WriteString("part", TransferEventJson.Camel(part));
                json.WriteString("reason", reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        private static Task AnswerAsync(HttpContext context, bool isGood, string status, Action<Utf8JsonWriter> more)
        {
            using var memory = new MemoryStream();
            using (var json = new Utf8JsonWriter(memory, TransferEventJson.Options))
            {
                json.WriteStartObject();
                json.WriteString("status", status);
                more(json);
                json.WriteEndObject();
            }

            var code = isGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return AnswerAsync(context, code, "application/json", Encoding.UTF8.GetString(memory.ToArray()) + "\n");
        }

        private static async Task AnswerAsync(HttpContext context, int status, string type, string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var response = context.Response;
            response.StatusCode = status;
            response.ContentType = type;
            response.ContentLength = bytes.Length;
            response.Headers.CacheControl = "no-store";
            if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
