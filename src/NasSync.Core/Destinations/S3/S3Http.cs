using Amazon.Runtime;
using Microsoft.Extensions.Logging;

namespace NasSync.Destinations.S3;

/// <summary>The single HTTP client of an S3 place: bounded connections, no redirects, and <see cref="S3Wire"/> as its handler.</summary>
internal sealed class S3Http : HttpClientFactory, IDisposable
{
    private readonly HttpClient _client;
    private readonly S3Pace _pace;

    public S3Http(Uri? endpoint, S3Options options, TimeProvider time, ILogger log)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.Connections,
            MaxResponseHeadersLength = 64,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            UseCookies = false,
        };

        _pace = new S3Pace(options.Connections, time);

        // An upload may take hours on a slow line, so there is no total time-out; the idle time-out ends a request that stands still.
        _client = new HttpClient(new S3Wire(sockets, endpoint, _pace, options.IdleTimeout, time, log)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The current limit of simultaneous requests.</summary>
    public int RequestsAtATime => _pace.Limit;

    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    /// <inheritdoc/>
    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    /// <inheritdoc/>
    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _pace.Dispose();
    }
}
