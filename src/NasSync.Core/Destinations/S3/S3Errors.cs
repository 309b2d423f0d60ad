using System.Globalization;
using System.Security.Authentication;
using Amazon.Runtime;
using NasSync.Failures;

namespace NasSync.Destinations.S3;

/// <summary>Turns an exception from an S3 server, the network or the SDK into a <see cref="Failure"/>.</summary>
internal static class S3Errors
{
    private const string TriedAgain = "Nothing needs to be done; it is tried again.";
    private const string CheckScheme = "It is tried again; if it stays, check that `endpoint` says http or https as the server does.";

    /// <summary>The failure for an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="operation">The attempted operation, as a verb.</param>
    /// <param name="target">The object or bucket, for people.</param>
    /// <param name="server">The server, for people.</param>
    public static Failure FromException(Exception exception, string operation, string target, string server)
    {
        var chain = Chain(exception).ToList();
        if (chain.OfType<FailureException>().FirstOrDefault() is { } known) return known.Failure;
        var cannot = $"Cannot {operation} {target}";
        if (chain.OfType<S3RestException>().FirstOrDefault() is { } asked)
        {
            return new(
                FailureClass.Throttled,
                "SlowDown",
                $"{cannot}: {server} asks to be left alone for {Math.Ceiling(asked.Rest.TotalSeconds):0} s.",
                "It is tried again after that time; if it stays, lower `transfers`.")
            {
                RetryAfter = asked.Rest,
            };
        }

        var answer = chain.OfType<AmazonServiceException>().FirstOrDefault(e => e.StatusCode != 0 || !string.IsNullOrEmpty(e.ErrorCode));
        if (answer is not null) return OfAnswer(answer, chain, cannot, target, server) with { RetryAfter = RetryAfter(chain) };
        if (chain.OfType<AuthenticationException>().FirstOrDefault() is { } tls)
            return OfTls(tls, cannot, server);
        if (chain.OfType<HttpRequestException>().FirstOrDefault() is { } http) return OfHttp(http, cannot, server);
        if (chain.OfType<IOException>().FirstOrDefault() is { } io)
        {
            // A server that requires TLS may simply close a plain connection.
            var isEnded = io is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded };
            return new(
                FailureClass.Transient,
                "ConnectionLost",
                $"{cannot}: the connection to {server} broke: {Text(io)}.",
                isEnded ? CheckScheme : TriedAgain);
        }

        if (chain.Any(e => e is OperationCanceledException or TimeoutException))
            return new(FailureClass.Transient, "TimedOut", $"{cannot}: {server} did not answer in time.", TriedAgain);
        if (exception is AmazonClientException && exception.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase))
            return new(
                FailureClass.Auth,
                "NoCredentials",
                $"{cannot}: no keys for {server} were found.",
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, an AWS profile, or `accessKeyId` and `secretAccessKey` of the destination.");
        if (exception is AmazonClientException && exception.Message.Contains("region", StringComparison.OrdinalIgnoreCase))
            return new(FailureClass.Config, "RegionMissing", $"{cannot}: no region is known.", "Set `region` of the destination, or AWS_REGION.");

        // The answer is not S3: XML cut off in the middle, a proxy's page, or an invalid number or time.
        if (exception is AmazonClientException or System.Xml.XmlException or FormatException or OverflowException)
            return new(
                FailureClass.Transient,
                "AnswerUnreadable",
                $"{cannot}: {server} gave an answer that is not S3: {Text(exception)}.",
                "It is tried again; if it stays, check that `endpoint` is an S3 server and no proxy stands before it.");
        return SystemFailure.FromException(exception, operation, target.Trim('\''));
    }

    /// <summary>
    /// The failure for a server that answers every request, but not as S3 does: a web page, such as a NAS's settings or a network's login page.
    /// </summary>
    /// <param name="operation">The attempted operation, as a verb.</param>
    /// <param name="target">The object, for people.</param>
    /// <param name="server">The server, for people.</param>
    public static Failure NotS3(string operation, string target, string server) => new(
        FailureClass.Unavailable,
        "WrongServer",
        $"Cannot {operation} {target}: {server} answers, but not as S3 does; it may be a web page that is there at every address.",
        "Write the address and port of the S3 server into `endpoint`; where a network wants a login first, log in.");

    private static Failure OfAnswer(AmazonServiceException answer, IReadOnlyList<Exception> chain, string cannot, string target, string server)
    {
        var code = string.IsNullOrEmpty(answer.ErrorCode) ? answer.StatusCode.ToString() : answer.ErrorCode;
        var says = $"{cannot}: {server} says {Failure.Quote(code)[1..^1]}";
        return code switch
        {
            "SlowDown" or "ServiceUnavailable" or "Throttling" or "ThrottlingException"
                or "RequestLimitExceeded" or "TooManyRequests" or "Busy" or "BandwidthLimitExceeded" =>
                new(FailureClass.Throttled, "SlowDown", $"{says}.", "It is tried again more slowly; if it stays, lower `transfers`."),
            "ExpiredToken" or "TokenRefreshRequired" or "ExpiredTokenException" =>
                new(
                    FailureClass.Auth,
                    "CredentialsExpired",
                    $"{says}: the keys have expired.",
                    "Renew the keys where the destination's references point; they are read again by themselves."),
            "InvalidAccessKeyId" or "InvalidToken" or "InvalidSecurity" or "UnrecognizedClientException" =>
                new(
                    FailureClass.Auth,
                    "AccessKeyUnknown",
                    $"{says}: the server does not know the access key.",
                    "Check `accessKeyId` of the destination, or AWS_ACCESS_KEY_ID."),
            "SignatureDoesNotMatch" or "AuthFailure" =>
                new(
                    FailureClass.Auth,
                    "SecretKeyWrong",
                    $"{says}: the secret key does not fit the access key.",
                    "Check `secretAccessKey` of the destination, or AWS_SECRET_ACCESS_KEY."),
            "RequestTimeTooSkewed" or "RequestExpired" =>
                new(
                    FailureClass.Config,
                    "ClockSkewed",
                    $"{says}: this machine's clock and the server's differ too much.",
                    "Set the clock of this machine, best by NTP."),
            "NoSuchBucket" =>
                new(
                    FailureClass.Config,
                    "BucketMissing",
                    $"{says}: there is no such bucket, and NasSync never creates one.",
                    "Create the bucket, or correct `bucket` and `endpoint` of the destination."),
            "InvalidBucketName" =>
                new(FailureClass.Config, "BucketMissing", $"{says}: no bucket can have that name.", "Correct `bucket` of the destination."),
            "PermanentRedirect" or "TemporaryRedirect" or "Redirect"
                or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "MovedPermanently" =>
                new(
                    FailureClass.Config,
                    "WrongRegion",
                    $"{says}: {Elsewhere(chain)}. {Text(answer)}".TrimEnd(),
                    "Set `region` (and `endpoint`) of the destination to the bucket's own."),
            "AccessDenied" or "Forbidden" or "AllAccessDisabled" or "AccountProblem" or "InvalidObjectState" =>
                new(
                    FailureClass.Permission,
                    "AccessDenied",
                    $"{says}.",
                    "Let the key read, list, write and delete below the destination's prefix, and abort multipart uploads."),
            "MethodNotAllowed" =>
                new(
                    FailureClass.Permission,
                    "AccessDenied",
                    $"{says}.",
                    "Check that `endpoint` is an S3 server, and let the key read, list, write and delete below the destination's prefix."),
            "PreconditionFailed" =>
                new(
                    FailureClass.Conflict,
                    "TargetChanged",
                    $"{target} was made or changed by someone else while the copy was on its way; it was left as it is.",
                    "Nothing to do: a watcher or the next run plans it again."),
            "ConditionalRequestConflict" or "OperationAborted" or "Conflict" =>
                new(FailureClass.Transient, "Busy", $"{says}: someone else works on it at the same time.", TriedAgain),
            "BadDigest" or "InvalidDigest" or "XAmzContentSHA256Mismatch" or "XAmzContentChecksumMismatch" or "IncompleteBody" =>
                new(
                    FailureClass.Transient,
                    "CopyCorrupt",
                    $"{says}: the bytes that arrived are not those that were sent; they were discarded.",
                    "It is sent again; if it happens twice, test memory and network."),
            "NoSuchUpload" =>
                new(
                    FailureClass.Transient,
                    "UploadGone",
                    $"{says}: the server has dropped the unfinished upload.",
                    "It is sent again from the start."),
            "QuotaExceeded" or "XMinioStorageFull" or "XMinioAdminBucketQuotaExceeded"
                or "InsufficientStorage" or "StorageFull" or "EntityQuotaExceeded" =>
                new(FailureClass.NoSpace, "NoSpace", $"{says}: there is no room.", "Make room in the bucket, or raise its quota."),
            "EntityTooLarge" =>
                new(FailureClass.Invalid, "FileTooLarge", $"{says}: the file is larger than the server takes.", "Route it to another destination."),
            "KeyTooLongError" or "KeyTooLong" =>
                new(
                    FailureClass.Invalid,
                    "NameTooLong",
                    $"{says}: the name is too long.",
                    "Give a shorter name with the route's 'as', or use a shorter prefix."),
            "NotFound" when cannot.StartsWith("Cannot list", StringComparison.Ordinal) =>
                new(
                    FailureClass.Config,
                    "BucketMissing",
                    $"{says}: there is no such bucket, or no S3 server.",
                    "Check that `endpoint` of the destination is an S3 server, and `bucket`."),
            "NoSuchKey" or "NotFound" =>
                new(FailureClass.Gone, "ObjectMissing", $"{says}.", "Nothing to do: a watcher or the next run plans it again."),
            _ => OfStatus(answer, says, chain),
        };
    }

    private static Failure OfStatus(AmazonServiceException answer, string says, IReadOnlyList<Exception> chain) => (int)answer.StatusCode switch
    {
        429 or 503 => new(FailureClass.Throttled, "SlowDown", $"{says}.", "It is tried again more slowly; if it stays, lower `transfers`."),
        507 => new(FailureClass.NoSpace, "NoSpace", $"{says}: there is no room.", "Make room in the bucket, or raise its quota."),
        501 => new(
            FailureClass.Config,
            "NotSupported",
            $"{says}: {Text(answer)}.",
            "The server lacks what NasSync needs; use another destination type for it."),
        408 or >= 500 or 200 => new(FailureClass.Transient, "ServerError", $"{says}: {Text(answer)}.", TriedAgain),
        401 => new(
            FailureClass.Auth,
            "AccessKeyUnknown",
            $"{says}.",
            "Check the keys of the destination, and that `endpoint` is an S3 server and no page that wants a login."),
        403 => new(
            FailureClass.Permission,
            "AccessDenied",
            $"{says}.",
            "Let the key read, list, write and delete below the destination's prefix, and abort multipart uploads."),
        412 => new(
            FailureClass.Conflict,
            "TargetChanged",
            $"{says}: it was made or changed by someone else while the copy was on its way.",
            "Nothing to do: a watcher or the next run plans it again."),
        >= 300 and < 400 =>
            new(
                FailureClass.Config,
                "WrongRegion",
                $"{says}: {Elsewhere(chain)}.",
                "Set `region` (and `endpoint`) of the destination to the bucket's own."),

        // Some errors without a code pass (such as a proxy that gave up on the body); retries are bounded, so retrying is the safe choice.
        400 when answer.ErrorCode is null or "" or "BadRequest" or "RequestTimeout" => new(
            FailureClass.Transient, "ServerError", $"{says}.", CheckScheme),
        _ => new(
            FailureClass.Config,
            "RequestRefused",
            $"{says}: {Text(answer)}.",
            "Check the destination's settings against what the server supports."),
    };

    // The system's message about the certificate tells who must act; a server without TLS shows no certificate.
    private static Failure OfTls(AuthenticationException tls, string cannot, string server)
    {
        var says = tls.Message;
        if (Says("frame"))
            return new(
                FailureClass.Config,
                "WrongServer",
                $"{cannot}: {server} answers, but not with TLS.",
                "Write http:// in `endpoint`, or the port at which the server speaks https.");
        var cures = new List<string>();
        if (Says("NameMismatch")) cures.Add("write into `endpoint` the name that the server's certificate bears");
        if (Says("NotTimeValid")) cures.Add("renew the server's certificate, or set this machine's clock");
        if (Says("UntrustedRoot") || Says("PartialChain") || Says("ChainErrors"))
            cures.Add("let this machine trust the authority that signed the server's certificate");
        if (cures.Count == 0)
            cures.Add("check the server's certificate and this machine's clock; a private authority must be trusted by this machine");
        var cure = string.Join(", and ", cures);
        return new(
            FailureClass.Config,
            "TlsRefused",
            $"{cannot}: no safe connection to {server}: {Text(tls)}.",
            char.ToUpperInvariant(cure[0]) + cure[1..] + ".");

        bool Says(string word) => says.Contains(word, StringComparison.OrdinalIgnoreCase);
    }

    // The text at the start of the answer shows what kind of server it is; null when it does not.
    private static Failure? OtherServer(HttpRequestException http, string cannot, string server)
    {
        var (kind, cure) = http.Message switch
        {
            var says when says.Contains("'SSH-", StringComparison.Ordinal) => ("an SSH server answers", "Correct the port in `endpoint`."),
            var says when says.Contains("'@RSYNCD", StringComparison.Ordinal) => ("an rsync daemon answers", "Correct the port in `endpoint`."),
            var says when says.Contains("'\u0015\u0003", StringComparison.Ordinal) => ("the server wants TLS", "Write https:// in `endpoint`."),
            _ => ("", ""),
        };
        return kind.Length == 0
            ? null
            : new Failure(FailureClass.Config, "WrongServer", $"{cannot}: at {server} {kind}, and not S3 over http.", cure);
    }

    private static Failure OfHttp(HttpRequestException http, string cannot, string server) => http.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => new(
            FailureClass.Unavailable,
            "DestinationUnavailable",
            $"{cannot}: the name of {server} is not known.",
            "Check `endpoint` of the destination and this machine's name service."),
        HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => new(
            FailureClass.Unavailable,
            "DestinationUnavailable",
            $"{cannot}: no connection to {server}: {Text(Cause(http))}.",
            "Start the server, or correct `endpoint` of the destination; the next run tries again."),
        HttpRequestError.SecureConnectionError => new(
            FailureClass.Config,
            "TlsRefused",
            $"{cannot}: no safe connection to {server}: {Text(http.InnerException ?? http)}.",
            "Check the server's certificate and that `endpoint` says http or https as the server does."),
        HttpRequestError.InvalidResponse when OtherServer(http, cannot, server) is { } other => other,
        HttpRequestError.ResponseEnded => new(
            FailureClass.Transient, "ConnectionLost", $"{cannot}: the connection to {server} broke: {Text(http)}.", CheckScheme),
        _ => new(FailureClass.Transient, "ConnectionLost", $"{cannot}: the connection to {server} broke: {Text(http)}.", TriedAgain),
    };

    // The outer message repeats the address.
    private static Exception Cause(HttpRequestException http) => http.InnerException is System.Net.Sockets.SocketException socket ? socket : http;

    private static TimeSpan? RetryAfter(IEnumerable<Exception> chain)
    {
        return int.TryParse(Header(chain, "Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    // Some servers name the region, even in an answer without a body.
    private static string Elsewhere(IEnumerable<Exception> chain) => Header(chain, "x-amz-bucket-region") is { Length: > 0 } region
        ? $"the bucket is in the region {Failure.Quote(region)}"
        : "the bucket is in another region or at another address";

    private static string? Header(IEnumerable<Exception> chain, string name)
    {
        var response = chain.OfType<Amazon.Runtime.Internal.HttpErrorResponseException>().FirstOrDefault()?.Response;
        return response?.IsHeaderPresent(name) == true ? response.GetHeaderValue(name) : null;
    }

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException) yield return exception;
    }

    // A server's text goes to terminals and logs, so it is quoted like any other foreign text.
    private static string Text(Exception exception) => Failure.Quote(exception.Message.TrimEnd('.')).Trim('\'');
}
