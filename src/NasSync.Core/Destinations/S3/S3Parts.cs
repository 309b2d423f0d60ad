using System.Collections.Concurrent;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>The parts of one upload: which of them the server has, with their entity tags. Part numbers start at 1.</summary>
internal sealed class S3Parts(long size, long partSize)
{
    private readonly ConcurrentDictionary<int, string> _etags = new();

    /// <summary>The number of parts of the complete upload.</summary>
    public int Count => (int)((size + partSize - 1) / partSize);

    /// <summary>The number of parts that the server has.</summary>
    public int Done => _etags.Count;

    /// <summary>Whether the server has any part at all, whatever its size.</summary>
    public bool Any { get; private set; }

    /// <summary>The first missing part; null when all are there.</summary>
    public int? Missing => Enumerable.Range(1, Count).Select(number => (int?)number).FirstOrDefault(number => !_etags.ContainsKey(number!.Value));

    /// <summary>Bytes from the start that are there without a gap.</summary>
    public long ContiguousBytes => Missing is { } missing ? (missing - 1) * partSize : size;

    /// <summary>The tags in order, as the server requires them.</summary>
    public List<PartETag> Tags => [.. Enumerable.Range(1, Count).Select(number => new PartETag(number, _etags[number]))];

    /// <summary>
    /// The entity tag of the whole object where tags are MD5: the MD5 of the parts' MD5s, and their number. Empty when a tag is no MD5.
    /// </summary>
    public string ETag
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            foreach (var (_, tag) in _etags.OrderBy(pair => pair.Key))
            {
                if (tag.Length != 32 || !tag.All(char.IsAsciiHexDigit)) return "";
                hash.AppendData(Convert.FromHexString(tag));
            }

            return $"{Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant()}-{Count}";
        }
    }

    /// <summary>The part that contains an offset.</summary>
    public int NumberAt(long offset) => (int)(offset / partSize) + 1;

    /// <summary>The offset at which a part begins.</summary>
    public long StartOf(int number) => (number - 1) * partSize;

    /// <summary>The size of a part in bytes.</summary>
    public int SizeOf(int number) => (int)Math.Min(partSize, size - ((number - 1) * partSize));

    /// <summary>Whether the server has the part with this tag.</summary>
    public bool Has(int number, string etag) => _etags.TryGetValue(number, out var known) && known == etag;

    /// <summary>The tag of a part; null when the part is not there.</summary>
    public string? TagOf(int number) => _etags.GetValueOrDefault(number);

    /// <summary>Notes that the server has the part.</summary>
    public void Set(int number, string etag) => _etags[number] = etag;

    /// <summary>The parts of an earlier attempt; null when the server does not know the upload any more.</summary>
    public static async Task<S3Parts?> ListAsync(
        S3Bucket bucket,
        string key,
        string uploadId,
        long size,
        long partSize,
        CancellationToken cancellationToken)
    {
        var parts = new S3Parts(size, partSize);
        var request = new ListPartsRequest { BucketName = bucket.Name, Key = key, UploadId = uploadId };
        try
        {
            ListPartsResponse page;
            do
            {
                page = await bucket.CallAsync(
                    "list the parts of",
                    key,
                    (client, token) => client.ListPartsAsync(request, token),
                    cancellationToken).ConfigureAwait(false);
                foreach (var part in page.Parts ?? [])
                {
                    parts.Any = true;
                    // Parts of another size come from other settings; the part of the same number is sent again and replaces them.
                    if (part.PartNumber is { } number && number >= 1 && number <= parts.Count && part.Size == parts.SizeOf(number))
                        parts.Set(number, S3Object.Bare(part.ETag));
                }

                request.PartNumberMarker = S3Pages.Next(
                    bucket.Show(key),
                    page.IsTruncated,
                    request.PartNumberMarker,
                    page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
            while (request.PartNumberMarker is not null);
            return parts;
        }
        catch (FailureException e) when (e.Failure.Code is "UploadGone" or "ObjectMissing")
        {
            return null;
        }
    }
}
