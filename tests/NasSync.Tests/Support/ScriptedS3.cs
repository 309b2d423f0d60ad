using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace NasSync.Tests.Support;

/// <summary>
/// A small S3 server in this process that keeps its objects in memory, checks Content-MD5 and conditions on PUT, and misbehaves where a test's
/// script says so. Signatures are not checked.
/// </summary>
internal sealed class ScriptedS3 : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedS3(WebApplication app) => _app = app;

    /// <summary>Sees each request before the server. Returns true if it has answered or closed the connection.</summary>
    public Func<Request, Task<bool>> Script { get; set; } = _ => Task.FromResult(false);

    /// <summary>Sees each request before its body is read. Returns true if the request needs no further handling.</summary>
    public Func<HttpContext, Task<bool>> Early { get; set; } = _ => Task.FromResult(false);

    public Uri Endpoint => new(_app.Urls.Single());

    public ConcurrentDictionary<string, Stored> Objects { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, ConcurrentDictionary<int, byte[]>> Uploads { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<string> Seen { get; } = new();

    /// <summary>Starts a server; with a certificate it uses https.</summary>
    public static async Task<ScriptedS3> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            });
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.WaitForSlowClients();
        });
        var app = builder.Build();
        var server = new ScriptedS3(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (await Early(context)) return;
        var request = new Request(this, context, await BodyAsync(context));
        Seen.Enqueue(request.Kind);
        if (!await Script(request)) await request.ServeAsync();
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        return memory.ToArray();
    }

    /// <summary>An object.</summary>
    internal sealed record Stored(byte[] Bytes, string ETag, Dictionary<string, string> Metadata);

    /// <summary>One request, with the ways to answer it.</summary>
    internal sealed class Request(ScriptedS3 server, HttpContext context, byte[] body)
    {
        private static readonly ConcurrentDictionary<string, Dictionary<string, string>> Begun = new(StringComparer.Ordinal);

        public string Key => Uri.UnescapeDataString(context.Request.Path.Value!.TrimStart('/').Split('/', 2).ElementAtOrDefault(1) ?? "");

        public bool IsProbe => Key.Contains(".nassync-probe", StringComparison.Ordinal);

        public HttpResponse Response => context.Response;

        /// <summary>The access key that signed the request.</summary>
        public string? AccessKey => context.Request.Headers.Authorization.ToString().Split("Credential=").ElementAtOrDefault(1)?.Split('/')[0];

        public string? Header(string name) => context.Request.Headers[name] is [{ } value] ? value : null;

        /// <summary>The S3 operation: Put, Part, CopyPart, Begin, Complete, Abort, Parts, Head, Get, Delete, List.</summary>
        public string Kind => context.Request.Method switch
        {
            "PUT" => Query("partNumber") is null ? "Put" : CopySource is null ? "Part" : "CopyPart",
            "POST" => Query("uploads") is null ? "Complete" : "Begin",
            "HEAD" => "Head",
            "DELETE" => Query("uploadId") is null ? "Delete" : "Abort",
            _ => Key.Length == 0 ? "List" : Query("uploadId") is null ? "Get" : "Parts",
        };

        /// <summary>The key to copy from; null for an upload with a body.</summary>
        private string? CopySource =>
            context.Request.Headers["x-amz-copy-source"] is [{ } source] ? Uri.UnescapeDataString(source).TrimStart('/').Split('/', 2)[1] : null;

        public bool IsConditional => context.Request.Headers.IfNoneMatch.Count + context.Request.Headers.IfMatch.Count > 0;

        /// <summary>Makes the server ignore the request's conditions.</summary>
        public void DropConditions()
        {
            context.Request.Headers.Remove("If-None-Match");
            context.Request.Headers.Remove("If-Match");
        }

        /// <summary>Closes the connection without an answer.</summary>
        public void HangUp() => context.Abort();

        public Task FailAsync(int status, string code)
        {
            Response.StatusCode = status;
            return XmlAsync(new XElement("Error", new XElement("Code", code), new XElement("Message", $"scripted {code}")));
        }

        public Task XmlAsync(XElement answer)
        {
            if (context.Request.Method == "HEAD") return Task.CompletedTask;
            Response.ContentType = "application/xml";
            return Response.WriteAsync($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>{answer}");
        }

        /// <summary>Answers as a correct server does.</summary>
        public async Task ServeAsync()
        {
            var upload = Query("uploadId") ?? "";
            switch (Kind)
            {
                case "Put":
                    var found = server.Objects.GetValueOrDefault(Key);
                    if (!HasItsMd5()) await FailAsync(400, "BadDigest");
                    else if (context.Request.Headers.IfNoneMatch == "*" && found is not null) await FailAsync(412, "PreconditionFailed");
                    else if (context.Request.Headers.IfMatch is [{ } tag] && tag != found?.ETag) await FailAsync(412, "PreconditionFailed");
                    else Response.Headers.ETag = (server.Objects[Key] = new Stored(body, Quoted(Md5(body)), Metadata())).ETag;
                    break;
                case "Part" when !server.Uploads.ContainsKey(upload):
                case "CopyPart" when !server.Uploads.ContainsKey(upload):
                case "Parts" when !server.Uploads.ContainsKey(upload):
                case "Complete" when !server.Uploads.ContainsKey(upload):
                    await FailAsync(404, "NoSuchUpload");
                    break;
                case "Part":
                    server.Uploads[upload][int.Parse(Query("partNumber")!, null)] = body;
                    Response.Headers.ETag = Quoted(Md5(body));
                    break;
                case "CopyPart":
                    var range = context.Request.Headers["x-amz-copy-source-range"] is [{ } text] ? text["bytes=".Length..].Split('-') : null;
                    var source = server.Objects[CopySource!].Bytes;
                    var copied = range is null ? source : source[int.Parse(range[0], null)..(int.Parse(range[1], null) + 1)];
                    server.Uploads[upload][int.Parse(Query("partNumber")!, null)] = copied;
                    await XmlAsync(new XElement("CopyPartResult", new XElement("ETag", Quoted(Md5(copied)))));
                    break;
                case "Parts":
                    await XmlAsync(
                        new XElement("ListPartsResult", new XElement("IsTruncated", "false"), server.Uploads[upload].Select(part => new XElement(
                            "Part",
                            new XElement("PartNumber", part.Key),
                            new XElement("ETag", Quoted(Md5(part.Value))),
                            new XElement("Size", part.Value.Length)))));
                    break;
                case "Begin":
                    var id = Guid.NewGuid().ToString("N");
                    server.Uploads[id] = [];
                    Begun[id] = Metadata();
                    await XmlAsync(new XElement("InitiateMultipartUploadResult", new XElement("UploadId", id)));
                    break;
                case "Complete" when context.Request.Headers.IfMatch is [{ } seen] && seen != server.Objects.GetValueOrDefault(Key)?.ETag:
                    await FailAsync(412, "PreconditionFailed");
                    break;
                case "Complete":
                    server.Uploads.TryRemove(upload, out var parts);
                    var ordered = parts!.OrderBy(part => part.Key).Select(part => part.Value).ToList();
                    var etag = Quoted($"{Md5([.. ordered.SelectMany(part => Convert.FromHexString(Md5(part)))])}-{ordered.Count}");
                    server.Objects[Key] = new Stored([.. ordered.SelectMany(part => part)], etag, Begun[upload]);
                    await XmlAsync(new XElement("CompleteMultipartUploadResult", new XElement("ETag", etag)));
                    break;
                case "Abort":
                    server.Uploads.TryRemove(upload, out _);
                    Response.StatusCode = 204;
                    break;
                case "Delete":
                    server.Objects.TryRemove(Key, out _);
                    Response.StatusCode = 204;
                    break;
                case "List":
                    await XmlAsync(new XElement("ListBucketResult", new XElement("IsTruncated", "false")));
                    break;
                default:
                    await ShowAsync();
                    break;
            }
        }

        private static string Quoted(string tag) => $"\"{tag}\"";

#pragma warning disable CA5351 // The protocol's own checksum.
        private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

        private bool HasItsMd5() =>
            context.Request.Headers.ContentMD5 is not [{ } md5] || md5 == Convert.ToBase64String(MD5.HashData(body));
#pragma warning restore CA5351

        private async Task ShowAsync()
        {
            if (!server.Objects.TryGetValue(Key, out var found))
            {
                await FailAsync(404, "NoSuchKey");
                return;
            }

            Response.Headers.ETag = found.ETag;
            foreach (var (name, value) in found.Metadata) Response.Headers[name] = value;
            var (from, to) = (0, found.Bytes.Length - 1);
            if (context.Request.Headers.Range is [{ } range])
            {
                var bounds = range["bytes=".Length..].Split('-');
                (from, to) = (int.Parse(bounds[0], null), bounds[1].Length == 0 ? to : int.Parse(bounds[1], null));
                Response.StatusCode = 206;
                Response.Headers.ContentRange = $"bytes {from}-{to}/{found.Bytes.Length}";
            }

            Response.ContentLength = to + 1 - from;
            if (Kind == "Get") await Response.Body.WriteAsync(found.Bytes.AsMemory(from..(to + 1)));
        }

        private Dictionary<string, string> Metadata() => context.Request.Headers
            .Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.ToString());

        public string? Query(string name) => context.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;
    }
}
