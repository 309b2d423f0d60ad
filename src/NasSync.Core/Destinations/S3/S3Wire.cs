using System.Net;

namespace NasSync.Destinations.S3;

/// <summary>
/// Every request passes here. It goes to the configured server or nowhere, it is broken off when no byte moves, and it does not ask first
/// (<c>Expect: 100-continue</c>): after an early error answer some servers take the body that follows for the next request.
/// </summary>
internal sealed class S3Wire(HttpMessageHandler inner, Uri? endpoint, TimeSpan idle, TimeProvider time) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.ExpectContinue = false;
        using var watch = new CancellationTokenSource(idle, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watch.Token);
        if (request.Content is { } body) request.Content = new WatchedContent(body, () => watch.CancelAfter(idle));
        try
        {
            var response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            RefuseRedirect(request, response);
            response.Content = await WatchedBody(response.Content, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no byte moved for {idle.TotalSeconds:0} s", e);
        }
    }

    // The SDK follows a redirect by itself; it must not carry a file and a signature to a server that nobody named, nor onto an open line.
    // Amazon's own redirects between its regions are left to it.
    private void RefuseRedirect(HttpRequestMessage request, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } location) return;
        var to = new Uri(request.RequestUri!, location);
        if (endpoint is null && to.Scheme == Uri.UriSchemeHttps) return;
        var from = request.RequestUri!.Authority;
        response.Dispose();
        throw new FailureException(new Failure(
            FailureClass.Config,
            "Redirected",
            $"{from} sends requests on to {Failure.Quote(to.GetLeftPart(UriPartial.Authority))}, which is not the configured endpoint; nothing was sent there.",
            "Put the address that really serves the bucket into `endpoint`, and check `region`."));
    }

    private async Task<HttpContent> WatchedBody(HttpContent body, CancellationToken cancellationToken)
    {
        var stream = new WatchedStream(await body.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), idle, time);
        var watched = new StreamContent(stream);
        foreach (var header in body.Headers) watched.Headers.TryAddWithoutValidation(header.Key, header.Value);
        return watched;
    }

    /// <summary>A request's body that tells whenever a piece of it left.</summary>
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
