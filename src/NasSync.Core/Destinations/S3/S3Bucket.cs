using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;

namespace NasSync.Destinations.S3;

/// <summary>
/// One bucket, below its prefix. Every request to the server passes through here and ends with an answer or a <see cref="FailureException"/>.
/// </summary>
internal sealed class S3Bucket : IDisposable
{
    /// <summary>Maximum length of a key in bytes of UTF-8.</summary>
    public const int LongestKey = 1024;

    private readonly S3DestinationConfig _config;
    private readonly S3Credentials? _credentials;
    private readonly S3Http _http;
    private readonly Lazy<S3Client> _client;
    private readonly string _server;
    private readonly ConcurrentDictionary<string, bool> _workedOn = new(StringComparer.Ordinal);

    public S3Bucket(
        S3DestinationConfig config,
        IReadOnlyDictionary<string, string> environment,
        S3Options options,
        TimeProvider time,
        ILogger? log = null)
    {
        _config = config;
        Options = config.PartSize is { } partSize ? options with { PartSize = partSize } : options;
        Prefix = config.Prefix.Trim('/') is { Length: > 0 } prefix ? prefix + "/" : "";
        _server = config.Endpoint?.Authority ?? "Amazon S3";
        _credentials = config is { AccessKeyId: { } id, SecretAccessKey: { } secret } ? new S3Credentials(id, secret, environment) : null;
        _http = new S3Http(config.Endpoint, options, time, log ?? NullLogger.Instance);
        _client = new(CreateClient, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>Sizes, limits and time-outs.</summary>
    public S3Options Options { get; }

    /// <summary>The bucket's name.</summary>
    public string Name => _config.Bucket;

    /// <summary>The prefix of every key: empty, or a text that ends with a slash.</summary>
    public string Prefix { get; }

    /// <summary>The server's name in messages.</summary>
    public string Server => _server;

    /// <summary>Whether the connection is encrypted, so that the payload need not be signed too.</summary>
    public bool IsEncrypted => _config.Endpoint is null || _config.Endpoint.Scheme == Uri.UriSchemeHttps;

    /// <summary>The destination's configuration, such as how objects are stored.</summary>
    public S3DestinationConfig Config => _config;

    /// <summary>The current limit of simultaneous requests.</summary>
    public int RequestsAtATime => _http.RequestsAtATime;

    /// <summary>Claims an upload, so that no other session of this process resumes or aborts it; false when it is claimed already.</summary>
    public bool TryWorkOn(string uploadId) => _workedOn.TryAdd(uploadId, true);

    /// <summary>Releases a claim.</summary>
    public void LeaveOff(string uploadId) => _workedOn.TryRemove(uploadId, out _);

    /// <summary>The key of a path.</summary>
    /// <exception cref="FailureException">The key is longer than S3 allows (class Invalid).</exception>
    public string KeyOf(RelativePath path)
    {
        var key = Prefix + path.Value;
        if (Encoding.UTF8.GetByteCount(key) <= LongestKey) return key;
        throw new FailureException(new Failure(
            FailureClass.Invalid,
            "NameTooLong",
            $"The key {Failure.Quote(key)} is longer than the {LongestKey} bytes that S3 allows.",
            "Give a shorter name with the route's 'as', or use a shorter prefix."));
    }

    /// <summary>An object's name in messages.</summary>
    public string Show(string key) => Failure.Quote($"s3://{Name}/{key}");

    /// <summary>Sends one request; when the server refuses the keys, reads them again once and repeats it.</summary>
    /// <param name="operation">The attempted operation, as a verb.</param>
    /// <param name="key">The object it concerns.</param>
    /// <param name="call">Builds and sends the request, including its body, on every attempt.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<T> CallAsync<T>(
        string operation,
        string key,
        Func<AmazonS3Client, CancellationToken, Task<T>> call,
        CancellationToken cancellationToken)
    {
        for (var reloaded = false; ; reloaded = true)
        {
            ImmutableCredentials? keys = null;
            try
            {
                keys = _credentials?.GetCredentials();
                return await call(_client.Value, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!(cancellationToken.IsCancellationRequested && e is OperationCanceledException))
            {
                var failure = S3Errors.FromException(e, operation, Show(key), _server);
                if (!reloaded && MayBeTheKeys(e, failure) && _credentials?.Reload(keys) == true) continue;
                if (SaysNothing(e)) failure = await AskWhyAsync(operation, key, cancellationToken).ConfigureAwait(false) ?? failure;
                throw e is FailureException ? e : new FailureException(failure, e);
            }
        }
    }

    /// <summary>The object at a key; null when there is none.</summary>
    public async Task<S3Object?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetObjectMetadataRequest { BucketName = Name, Key = key };
            var head = await CallAsync(
                "look at",
                key,
                (client, token) => client.GetObjectMetadataAsync(request, token),
                cancellationToken).ConfigureAwait(false);

            // Every object in S3 has an entity tag.
            return string.IsNullOrEmpty(head.ETag) ? throw new FailureException(S3Errors.NotS3("look at", Show(key), _server)) : S3Object.Of(head);
        }
        catch (FailureException e) when (e.Failure.Code == "ObjectMissing")
        {
            return null;
        }
        catch (FailureException e) when (e.Failure.Code == "NotSupported")
        {
            throw new FailureException(S3Errors.NotS3("look at", Show(key), _server), e);
        }
    }

    /// <summary>One page of a listing.</summary>
    public async Task<ListObjectsV2Response> ListAsync(ListObjectsV2Request request, CancellationToken cancellationToken)
    {
        var page = await PageAsync(request, cancellationToken).ConfigureAwait(false);
        var isEmpty = page is { S3Objects: null or { Count: 0 }, CommonPrefixes: null or { Count: 0 } };

        // An answer that is not a listing parses as empty, but a real listing states at least whether there is more.
        if (isEmpty && page is { Name: null or "", IsTruncated: null, KeyCount: null or 0 })
            throw new FailureException(S3Errors.NotS3("list", Show(request.Prefix), _server));
        return page;
    }

    /// <summary>Reads and hashes the whole object; null when there is none.</summary>
    /// <remarks>
    /// Only an object that was seen or written is read, so one that is missing is asked for twice: a server may miss an object once while someone
    /// replaces it.
    /// </remarks>
    public async Task<string?> ReadBackAsync(string key, CancellationToken cancellationToken) =>
        await ReadAsync(key, cancellationToken).ConfigureAwait(false) ?? await ReadAsync(key, cancellationToken).ConfigureAwait(false);

    /// <summary>Removes an object, or only one version of it; a missing one is no error.</summary>
    public async Task DeleteAsync(string key, string? version, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(
                "remove",
                key,
                (client, token) => client.DeleteObjectAsync(new() { BucketName = Name, Key = key, VersionId = version }, token),
                cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Code == "ObjectMissing")
        {
            // Some servers answer 404 where S3 reports success.
        }
    }

    /// <summary>
    /// Removes one of our temporary objects so that a versioned bucket keeps nothing of it: removes each version and each delete marker by id. Where
    /// the key may not list or remove versions, removes it like any object.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="versions">The ids of its versions; null: lists them first.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False when the key may not list or remove versions, so that some may remain.</returns>
    public async Task<bool> EraseAsync(string key, IReadOnlyCollection<string>? versions, CancellationToken cancellationToken)
    {
        var mayNot = false;
        try
        {
            versions ??= [.. (
                await VersionsAsync(key, cancellationToken).ConfigureAwait(false)).Where(one => one.Key == key).Select(one => one.Version)];
            foreach (var version in versions) await DeleteAsync(key, version, cancellationToken).ConfigureAwait(false);
            if (versions.Count > 0) return true;
        }
        catch (FailureException e) when (!e.Failure.IsTransient)
        {
            // This needs the rights s3:ListBucketVersions and s3:DeleteObjectVersion, which not every key has.
            mayNot = e.Failure.Class == FailureClass.Permission;
        }

        if (await HeadAsync(key, cancellationToken).ConfigureAwait(false) is not null)
            await DeleteAsync(key, null, cancellationToken).ConfigureAwait(false);
        return !mayNot;
    }

    /// <summary>Every version and every delete marker below a prefix.</summary>
    public async Task<IReadOnlyList<(string Key, string Version)>> VersionsAsync(string prefix, CancellationToken cancellationToken)
    {
        var found = new List<(string, string)>();
        var request = new ListVersionsRequest { BucketName = Name, Prefix = prefix, Encoding = EncodingType.Url };
        string? next;
        do
        {
            var page = await CallAsync(
                "list",
                prefix,
                (client, token) => client.ListVersionsAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            foreach (var one in (page.Versions ?? []).Where(one => one.Key is not null && !string.IsNullOrEmpty(one.VersionId)))
            {
                var key = page.Encoding == EncodingType.Url ? Uri.UnescapeDataString(one.Key.Replace('+', ' ')) : one.Key;
                if (key.StartsWith(prefix, StringComparison.Ordinal)) found.Add((key, one.VersionId));
            }

            next = S3Pages.Next(
                Show(prefix),
                page.IsTruncated,
                $"{request.KeyMarker}\n{request.VersionIdMarker}",
                $"{page.NextKeyMarker}\n{page.NextVersionIdMarker}");
            (request.KeyMarker, request.VersionIdMarker) = (page.NextKeyMarker, page.NextVersionIdMarker);
        }
        while (next is not null);
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated) _client.Value.Dispose();
        _http.Dispose();
    }

    private async Task<string?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync("read", key, (client, token) => HashOnceAsync(client, key, token), cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Code == "ObjectMissing")
        {
            return null;
        }
    }

    // A server that cannot list or show objects is no S3 server, whatever else it may lack.
    private async Task<ListObjectsV2Response> PageAsync(ListObjectsV2Request request, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(
                "list",
                request.Prefix,
                (client, token) => client.ListObjectsV2Async(request, token),
                cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Code == "NotSupported")
        {
            throw new FailureException(S3Errors.NotS3("list", Show(request.Prefix), _server), e);
        }
    }

    // An answer to HEAD has no body that distinguishes an expired key from a missing right.
    private static bool MayBeTheKeys(Exception exception, Failure failure) => failure.Class == FailureClass.Auth
        || exception is AmazonServiceException { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden };

    // A refusal without a body, as for every HEAD: its code is only the status.
    private static bool SaysNothing(Exception exception) =>
        exception is AmazonServiceException answer
        && answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        && (string.IsNullOrEmpty(answer.ErrorCode) || answer.ErrorCode == answer.StatusCode.ToString());

    // A request whose refusal has a body tells whether the keys are the cause; when it succeeds, or fails for another reason, the first refusal
    // stands.
    private async Task<Failure?> AskWhyAsync(string operation, string key, CancellationToken cancellationToken)
    {
        try
        {
            await _client.Value.ListObjectsV2Async(
                new() { BucketName = Name, Prefix = Prefix, MaxKeys = 1 },
                cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (!(cancellationToken.IsCancellationRequested && e is OperationCanceledException))
        {
            var failure = S3Errors.FromException(e, operation, Show(key), _server);
            return failure.Class == FailureClass.Auth || failure.Code is "ClockSkewed" or "WrongServer" ? failure : null;
        }
    }

    private async Task<string> HashOnceAsync(AmazonS3Client client, string key, CancellationToken cancellationToken)
    {
        using var response = await OpenReadAsync(client, key, cancellationToken).ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            var total = 0L;
            for (int read; (read = await response.ResponseStream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; total += read)
                hash.AppendData(buffer, 0, read);
            if (total != response.ContentLength) throw new IOException($"{total} of {response.ContentLength} bytes came");
            return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Reads by range, because otherwise the SDK also computes the MD5 and ends a damaged object with an error of its own type.
    private async Task<GetObjectResponse> OpenReadAsync(AmazonS3Client client, string key, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = Name, Key = key, ByteRange = new ByteRange("bytes=0-") };
        try
        {
            return await client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // An empty object has no first byte.
            request.ByteRange = null;
            return await client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    private S3Client CreateClient()
    {
        var settings = new AmazonS3Config
        {
            // Newer defaults send checksums that servers other than Amazon's refuse or store as content.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = Options.Retries,
            HttpClientFactory = _http,
        };
        if (_config.Endpoint is { } endpoint)
        {
            settings.ServiceURL = endpoint.AbsoluteUri;
            settings.ForcePathStyle = true;
            settings.AuthenticationRegion = _config.Region ?? "us-east-1";
        }
        else if (_config.Region is { } region)
        {
            settings.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return _credentials is null ? new S3Client(settings) : new S3Client(_credentials, settings);
    }
}
