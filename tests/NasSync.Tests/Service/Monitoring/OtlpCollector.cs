using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service.Monitoring;

/// <summary>A collector in this process, for OTLP over HTTP with protobuf. It reads just enough of the wire form to know the names.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>The address that exporters are told.</summary>
    public Uri Endpoint => new(_app.Urls.Single());

    /// <summary>What was answered with, from now on.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Method, path and content type of each request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Names of metrics, each with how often it came.</summary>
    public ConcurrentDictionary<string, int> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Everything that came, as text, to search in.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.WaitForSlowClients();
        });
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.Run(collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        var body = memory.ToArray();
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.ContentType}");
        Bodies.Enqueue(Encoding.Latin1.GetString(body));

        // ExportMetricsServiceRequest.resource_metrics 1 > ResourceMetrics.scope_metrics 2 > ScopeMetrics.metrics 2 > Metric.name 1
        var names = Fields(body, 1)
            .SelectMany(resource => Fields(resource, 2))
            .SelectMany(scope => Fields(scope, 2))
            .SelectMany(metric => Fields(metric, 1));
        foreach (var name in names) Names.AddOrUpdate(Encoding.UTF8.GetString(name.Span), 1, (_, times) => times + 1);
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/x-protobuf";
    }

    /// <summary>The fields of one number whose form is a length and bytes.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += sizeof(ulong);
                    break;
                case 5:
                    at += sizeof(uint);
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    if (tag >> 3 == (ulong)number) yield return message.Slice(at, length);
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"wire form {tag & 7}");
            }
        }
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message.Span[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }
}
