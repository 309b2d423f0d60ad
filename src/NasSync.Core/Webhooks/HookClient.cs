using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using NasSync.Config;
using NasSync.Ledgers;

namespace NasSync.Webhooks;

/// <summary>Sends deliveries over HTTP. Does not follow redirects, checks certificates, and reads at most 64 KiB of an answer.</summary>
/// <param name="variables">Resolves references to secrets.</param>
/// <param name="time">The clock.</param>
internal sealed class HookClient(IReadOnlyDictionary<string, string> variables, TimeProvider time) : IDisposable
{
    /// <summary>The time limit for an answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int LargestAnswer = 64 * 1024;
    private static readonly ProductInfoHeaderValue Agent = new("nassync", typeof(HookClient).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        MaxResponseHeadersLength = LargestAnswer / 1024,

        // Answers are discarded; draining this much lets the connection be reused.
        MaxResponseDrainSize = LargestAnswer,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        UseCookies = false,
    })
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    };

    /// <summary>Sends one delivery.</summary>
    /// <param name="hook">The receiver.</param>
    /// <param name="delivery">The delivery.</param>
    /// <param name="cut">Signals the end of the run; an answer that has not arrived by then counts as none.</param>
    /// <param name="cancellationToken">Aborts at once, as if nothing had been sent.</param>
    public async Task<HookAnswer> SendAsync(Hook hook, Delivery delivery, CancellationToken cut, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cut, cancellationToken);
        try
        {
            using var request = Request(hook, delivery);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            return HookAnswer.Of(hook.Shown, response.StatusCode, response.Headers.RetryAfter, time.GetUtcNow());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HookAnswer.Silent(hook.Shown, cut.IsCancellationRequested ? "before the run ended" : $"within {Timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FailureException)
        {
            return HookAnswer.Of(hook.Shown, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request(Hook hook, Delivery delivery)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();

        // Read for each attempt, so that a secret can be changed while the program runs.
        var signature = hook.Secret is { } secret ? HookSignature.Sign(SecretReader.Read(secret, variables), delivery.Id, timestamp, body) : null;
        var request = new HttpRequestMessage(HttpMethod.Post, hook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(Agent.Product!));
        request.Headers.Add("webhook-id", delivery.Id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (signature is not null) request.Headers.Add("webhook-signature", signature);
        request.Headers.Add("X-NasSync-Event", delivery.Event);
        return request;
    }
}
