using System.Net;
using Microsoft.Extensions.Logging;

namespace NasSync.Destinations.S3;

/// <summary>
/// The HTTP handler of every request. It sends requests only to the configured server, at the server's pace; cancels a request when no byte moves;
/// and does not send <c>Expect: 100-continue</c>: after an early error answer some servers take the body that follows for the next request.
/// </summary>
internal sealed class S3Wire(
    HttpMessageHandler inner,
    Uri? endpoint,
    S3Pace pace,
    TimeSpan idle,
    TimeProvider time,
    ILogger log) : DelegatingHandler(inner)
{
    // Enough for a page of a listing with a thousand of the longest keys. Only objects may be larger, and those are always requested by range.
    private const long LongestAnswer = 16 << 20;

    private static readonly string[] AmazonDomains = [".amazonaws.com", ".amazonaws.com.cn"];

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.ExpectContinue = false;
        var turn = await pace.EnterAsync(cancellationToken).ConfigureAwait(false);
        bool? outcome = null;
        try
        {
            var response = await SendLoggedAsync(request, cancellationToken).ConfigureAwait(false);
            outcome = response.IsSuccessStatusCode ? true : (int)response.StatusCode is 429 or >= 500 and not 501 ? false : null;
            HeedRest(response);
            return response;
        }
        finally
        {
            pace.Leave(turn, outcome);
        }
    }

    private async Task<HttpResponseMessage> SendLoggedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!log.IsEnabled(LogLevel.Debug)) return await SendWatchedAsync(request, cancellationToken).ConfigureAwait(false);
        var began = time.GetTimestamp();
        try
        {
            var response = await SendWatchedAsync(request, cancellationToken).ConfigureAwait(false);
            S3Log.Answered(log, request.Method, S3Log.Shown(request), (int)response.StatusCode, Milliseconds());
            return response;
        }
        catch (Exception e)
        {
            S3Log.NotAnswered(log, request.Method, S3Log.Shown(request), e.Message, Milliseconds());
            throw;
        }

        long Milliseconds() => (long)time.GetElapsedTime(began).TotalMilliseconds;
    }

    private async Task<HttpResponseMessage> SendWatchedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var watch = new CancellationTokenSource(idle, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watch.Token);
        if (request.Content is { } body) request.Content = new WatchedContent(body, () => watch.CancelAfter(idle));
        try
        {
            var response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            RefuseRedirect(request, response);
            if (request.Method != HttpMethod.Head)
                response.Content = await WatchedBody(
                    response.Content,
                    request.Headers.Range is not null && response.IsSuccessStatusCode,
                    cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch (Exception e) when ((e is OperationCanceledException or IOException or HttpRequestException)
            && watch.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            // The network's own message about the cancelled connection would hide the cause.
            throw new IOException($"no byte moved for {idle.TotalSeconds:0} s");
        }
    }

    // The SDK would retry at once; a rest that the server asks for applies to all requests.
    private void HeedRest(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            || response.Headers.RetryAfter is not { } asked)
            return;
        var rest = asked.Delta ?? asked.Date - time.GetUtcNow();
        if (rest is not { } span || span <= TimeSpan.Zero) return;
        pace.Rest(span);
        if (span <= S3Pace.Patience) return;
        response.Dispose();
        throw new S3RestException(span);
    }

    // The SDK follows redirects by itself; it must not send a file and a signature to a server that nobody configured, nor over an unencrypted
    // connection. It may follow Amazon's own redirects between regions.
    private void RefuseRedirect(HttpRequestMessage request, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } location) return;
        var to = new Uri(request.RequestUri!, location);
        if (endpoint is null
            && to.Scheme == Uri.UriSchemeHttps
            && AmazonDomains.Any(domain => to.Host.EndsWith(domain, StringComparison.OrdinalIgnoreCase)))
            return;
        var from = request.RequestUri!.Authority;
        response.Dispose();
        throw new FailureException(new Failure(
            FailureClass.Config,
            "Redirected",
            $"{from} sends requests on to {Failure.Quote(to.GetLeftPart(UriPartial.Authority))}, which is not the "
                + "configured endpoint; nothing was sent there.",
            "Put the address that really serves the bucket into `endpoint`, and check `region`."));
    }

    // The SDK reads lists and errors in a way that cannot be cancelled, so they are read completely here first; objects stream.
    private async Task<HttpContent> WatchedBody(HttpContent body, bool isObject, CancellationToken cancellationToken)
    {
        var stream = new WatchedStream(await body.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), idle, time);
        var watched = isObject
            ? (HttpContent)new StreamContent(stream)
            : new ByteArrayContent(await WholeAsync(stream, cancellationToken).ConfigureAwait(false));
        foreach (var header in body.Headers) watched.Headers.TryAddWithoutValidation(header.Key, header.Value);
        return watched;
    }

    private static async Task<byte[]> WholeAsync(WatchedStream stream, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (whole.Length + read > LongestAnswer) throw new IOException($"the answer has more than {LongestAnswer} bytes");
            whole.Write(buffer, 0, read);
        }

        return whole.ToArray();
    }

    /// <summary>A request body that reports each piece that was sent.</summary>
    private sealed class WatchedContent : HttpContent
    {
        private const int Piece = 128 * 1024;

        private readonly HttpContent _body;
        private readonly Action _moved;

        public WatchedContent(HttpContent body, Action moved)
        {
            _body = body;
            _moved = moved;
            foreach (var header in body.Headers) Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var piece = System.Buffers.ArrayPool<byte>.Shared.Rent(Piece);
            try
            {
                var source = await _body.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                for (int read; (read = await source.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    await stream.WriteAsync(piece.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    _moved();
                }
            }
            finally
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(piece);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Headers.ContentLength ?? 0;
            return _body.Headers.ContentLength is not null;
        }
    }
}
