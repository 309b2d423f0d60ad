using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NasSync.Destinations.S3;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>What is said when something else than the S3 server that was meant answers at the endpoint.</summary>
public sealed class WrongServerTests
{
    [Theory]
    [InlineData("https", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "answers, but not with TLS", "Write http:// in `endpoint`")]
    [InlineData("https", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "answers, but not with TLS", "or the port at which the server speaks https")]
    [InlineData("http", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "an SSH server answers", "Correct the port in `endpoint`")]
    [InlineData("http", "@RSYNCD: 31.0 sha512 md5\n", "an rsync daemon answers", "Correct the port in `endpoint`")]
    [InlineData("http", "\u0015\u0003\u0001\u0000\u0002\u0002\u0016\r\n", "the server wants TLS", "Write https:// in `endpoint`")]
    public async Task Another_kind_of_server_is_told_with_the_cure(string scheme, string answer, string what, string cure)
    {
        var failure = await FailAsync(scheme, answer);

        Assert.Equal((FailureClass.Config, "WrongServer"), (failure.Class, failure.Code));
        Assert.Contains(what, failure.Message, StringComparison.Ordinal);
        Assert.Contains(cure, failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("clock", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_here_knows_is_told_with_what_is_wrong_with_it()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var failure = await FailAsync("https", async stream =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(certificate);
        });

        Assert.Equal((FailureClass.Config, "TlsRefused"), (failure.Class, failure.Code));
        Assert.Contains(
            "the name that the server's certificate bears, and let this machine trust the authority", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("clock", failure.Hint, StringComparison.Ordinal);
    }

    // As a server with TLS does that is spoken to without: it says nothing and hangs up.
    [Fact]
    public async Task A_server_that_hangs_up_without_a_word_may_want_the_other_scheme()
    {
        var failure = await FailAsync("http", "");

        Assert.Equal((FailureClass.Transient, "ConnectionLost"), (failure.Class, failure.Code));
        Assert.Contains("check that `endpoint` says http or https as the server does", failure.Hint, StringComparison.Ordinal);
    }

    // A web server knows neither buckets nor objects.
    [Fact]
    public async Task A_web_server_is_not_taken_for_a_bucket_without_that_object()
    {
        var failure = await FailAsync("http", "HTTP/1.0 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal((FailureClass.Config, "BucketMissing"), (failure.Class, failure.Code));
        Assert.Contains("Check that `endpoint` of the destination is an S3 server", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_that_is_there_at_every_address_is_taken_neither_for_an_object_nor_for_an_empty_listing()
    {
        const string Page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 26\r\n\r\n";
        const string Lacks = "HTTP/1.1 501 Not Implemented\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        foreach (var failure in (Failure[])
        [
            await FailAsync("http", Page),
            await FailAsync("http", Answer, ListAsync),
            await FailAsync("http", Answer, ProbeAsync),
            await FailAsync("http", Refuse),
            await FailAsync("http", Refuse, ListAsync),
            await FailAsync("http", Refuse, ProbeAsync),
        ])
        {
            Assert.Equal((FailureClass.Unavailable, "WrongServer"), (failure.Class, failure.Code));
            Assert.Contains("answers, but not as S3 does", failure.Message, StringComparison.Ordinal);
        }

        static Task Answer(NetworkStream stream) => SayAsync(stream, Page + "<html>Please log in</html>");

        static Task Refuse(NetworkStream stream) => SayAsync(stream, Lacks);

        static Task ProbeAsync(S3Destination destination) => destination.ProbeAsync(default).AsTask();

        static async Task ListAsync(S3Destination destination)
        {
            await foreach (var _ in destination.ListAsync(RelativePath.Parse("x"), default))
            {
                // There is nothing.
            }
        }
    }

    // Asks a server that reads what comes first, answers in its own way and hangs up.
    private static Task<Failure> FailAsync(string scheme, string answer) => FailAsync(scheme, stream => SayAsync(stream, answer));

    private static async Task SayAsync(NetworkStream stream, string answer)
    {
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
    }

    private static Task<Failure> FailAsync(string scheme, Func<NetworkStream, Task> answer) =>
        FailAsync(scheme, answer, destination => destination.StatAsync(RelativePath.Parse("x"), default).AsTask());

    private static async Task<Failure> FailAsync(string scheme, Func<NetworkStream, Task> answer, Func<S3Destination, Task> ask)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var serving = ServeAsync();
        var endpoint = new Uri($"{scheme}://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        await using var destination = new S3Destination(Describe(endpoint, "media"), Keys, options: Small with { Retries = 0 });
        var failure = (await Assert.ThrowsAsync<FailureException>(() => ask(destination))).Failure;
        listener.Close();
        await serving;
        return failure;

        async Task ServeAsync()
        {
            try
            {
                while (true) await AnswerAsync(await listener.AcceptAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Nobody asks any more.
            }
        }

        async Task AnswerAsync(Socket client)
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            try
            {
                await answer(stream);
                client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or SocketException)
            {
                // The client hung up first, which is what it should do.
            }
        }
    }
}
