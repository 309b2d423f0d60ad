using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace NasSync.Tests.Support;

/// <summary>A webhook receiver in this process, on loopback. It stores the requests and answers as the test's script says.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Told> _told = new();
    private readonly SemaphoreSlim _news = new(0);

    private HookReceiver(WebApplication app) => _app = app;

    /// <summary>Writes the answer to a request, which is already in <see cref="Seen"/>. Default: 200.</summary>
    public Func<Told, HttpContext, Task> Script { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The receiver's address.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>The requests so far.</summary>
    public IReadOnlyList<Told> Seen => [.. _told];

    /// <summary>Starts a receiver; with a certificate it uses https.</summary>
    public static async Task<HookReceiver> StartAsync(int port = 0, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port == 0 ? OwnPort.Next() : port, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            });
            kestrel.WaitForSlowClients();
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.Zero);
        var app = builder.Build();
        var receiver = new HookReceiver(app);
        app.Run(receiver.AnswerAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Answers every request with a status.</summary>
    public void Answer(int status) => Script = (_, context) =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>Answers the next requests with these statuses, then with 200.</summary>
    public void AnswerInTurn(params int[] statuses)
    {
        var left = new ConcurrentQueue<int>(statuses);
        Script = (_, context) =>
        {
            context.Response.StatusCode = left.TryDequeue(out var status) ? status : 200;
            return Task.CompletedTask;
        };
    }

    /// <summary>Reads requests and never answers.</summary>
    public void Hang() => Script = async (_, context) =>
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    };

    /// <summary>Waits until a number of requests have arrived.</summary>
    public async Task<IReadOnlyList<Told>> SeeAsync(int count)
    {
        while (_told.Count < count) Assert.True(await _news.WaitAsync(Wait.Longest), $"it was told {_told.Count} times only");
        return Seen;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _news.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        var told = new Told(
            context.Request.Method,
            context.Request.Path + context.Request.QueryString,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            memory.ToArray());
        _told.Enqueue(told);
        _news.Release();
        await Script(told, context);
    }

    /// <summary>One request.</summary>
    internal sealed record Told(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        public string Id => Headers["webhook-id"];

        public string Event => Headers["X-NasSync-Event"];

        public string Text => System.Text.Encoding.UTF8.GetString(Body);

        public System.Text.Json.JsonElement Json => System.Text.Json.JsonElement.Parse(Body);
    }
}
