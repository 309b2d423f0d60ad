using System.Text;
using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>Whatever answers in place of an S3 server: each call of the destination ends with an answer or a failure, after few requests.</summary>
[Long]
public sealed class S3FuzzTests(ITestOutputHelper output)
{
    private const int MostRequests = 40;

    // A status, headers, and behind an empty line the body.
    private static readonly string[] Samples =
    [
        """
        200
        Content-Type: application/xml

        <?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>a/song+1.m4a</Key><LastModified>2026-01-14T09:30:00.000Z</LastModified><ETag>"0cc175b9c0f1b6a831c399e269772661"</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass></Contents><Contents><Key>x%2Fy</Key><LastModified>2026-01-14T09:30:00.000Z</LastModified><Size>7</Size></Contents><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes></ListBucketResult>
        """,
        """
        403
        Content-Type: application/xml
        x-amz-bucket-region: eu-west-1

        <?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>no</Message><Resource>/b/x</Resource><RequestId>1</RequestId></Error>
        """,
        """
        200
        ETag: "827ccb0eea8a706c4c34a16891f84e7b"
        Content-Type: application/octet-stream
        x-amz-meta-mtime: 1700000000.123456789
        x-amz-meta-nassync-id: 0123456789abcdef0123456789abcdef
        Last-Modified: Wed, 14 Jan 2026 09:30:00 GMT
        x-amz-version-id: 3

        12345
        """,
        """
        200
        Content-Type: application/xml

        <InitiateMultipartUploadResult><Bucket>b</Bucket><Key>x</Key><UploadId>u1</UploadId></InitiateMultipartUploadResult>
        """,
        """
        200
        Content-Type: application/xml

        <ListPartsResult><UploadId>u1</UploadId><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><ETag>"0cc175b9c0f1b6a831c399e269772661"</ETag><Size>5242880</Size></Part></ListPartsResult>
        """,
        """
        200
        Content-Type: application/xml

        <CompleteMultipartUploadResult><ETag>"0cc175b9c0f1b6a831c399e269772661-2"</ETag></CompleteMultipartUploadResult>
        """,
        "500\nContent-Type: text/html\n\n<html><body>Bad gateway</body></html>",
        "404\n\n",
        "301\nx-amz-bucket-region: us-west-2\n\n<Error><Code>PermanentRedirect</Code></Error>",
    ];

    private static readonly string[] Pieces =
    [
        "<", ">", "&", "</", "<![CDATA[", "]]>", "<!--", "<!DOCTYPE x [<!ENTITY a \"b\">]>", "&a;", "&#0;", "&#x1F600;", "%2e%2e%2f", "%00", "%", "+",
        "../", "\\", "\"", "-1", "99999999999999999999", "NaN", "0001-01-01T00:00:00Z",
        "<IsTruncated>true</IsTruncated>", "<NextContinuationToken>x</NextContinuationToken>", "<Contents></Contents>",
        "<Contents><Size>5</Size></Contents>", "<Key></Key>", "<Size>-5</Size>", "<Part></Part>",
        "<Code>SlowDown</Code>", "<Code></Code>", "<Code>\u0007</Code>", "\n", "\n\n", "200", "206", "304", "307", "400", "412", "416", "429", "501",
        "503", "ETag: ", "Content-Range: bytes 0-4/5\n", "Location: http://127.0.0.1:1/\n", "\u0085",
    ];

    private static readonly string[] Times = ["1700000000.123456789", "-5.5", "0", "9223372036.854775807", "79228162514264337593543950335"];
    private static readonly string[] Digits = ["-", ".", "e", "+", " ", "∞", "٣", "9999"];

    [Fact]
    public async Task Whatever_a_server_answers_each_call_ends()
    {
        await using var server = await ScriptedS3.StartAsync();
        var answers = new Fuzzer([.. Samples.Select(Encoding.UTF8.GetBytes)], [.. Pieces.Select(Encoding.UTF8.GetBytes), [0xFF]]) { Sharing = 10 }
            .Run(output, bytes => ReadAsync(server, bytes).GetAwaiter().GetResult());
        Assert.Contains(answers.Keys, answer => answer.Contains("AccessDenied", StringComparison.Ordinal));
        Assert.Contains(answers.Keys, answer => answer.Contains("listed", StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_stands_in_an_objects_metadata_is_a_time_or_none() =>
        new Fuzzer([.. Times.Select(Encoding.UTF8.GetBytes)], [.. Digits.Select(Encoding.UTF8.GetBytes)]) { Sharing = 10 }.Run(output, bytes =>
        {
            if (S3Metadata.ParseMtime(Encoding.UTF8.GetString(bytes)) is not { } ns) return "none";
            Assert.Equal(ns, S3Metadata.ParseMtime(S3Metadata.MtimeText(ns)));
            return "time";
        });

    private static async Task<string> ReadAsync(ScriptedS3 server, byte[] bytes)
    {
        var requests = 0;
        var answer = Answer.Read(bytes);
        server.Script = async request =>
        {
            Interlocked.Increment(ref requests);
            await answer.GiveAsync(request.Response, request.Kind == "Head");
            return true;
        };
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small with { Retries = 0 });
        using var stop = new CancellationTokenSource();
        var outcomes = new List<string>();
        foreach (var call in (Func<S3Destination, CancellationToken, Task<string>>[])[ListAsync, StatAsync, HashAsync, WriteAsync])
        {
            requests = 0;
            outcomes.Add(await OutcomeAsync(call(destination, stop.Token), () => requests, stop));
        }

        return string.Join(' ', outcomes);
    }

    private static async Task<string> OutcomeAsync(Task<string> call, Func<int> requests, CancellationTokenSource stop)
    {
        while (!call.IsCompleted)
        {
            Assert.True(requests() <= MostRequests || await StopAsync(call, stop), $"after {requests()} requests it still asks");
            await Task.WhenAny(call, Task.Delay(20));
        }

        try
        {
            return await call;
        }
        catch (FailureException refused)
        {
            Assert.True(refused.Failure.Class != FailureClass.Bug, refused.ToString());
            Assert.DoesNotContain(refused.Failure.Message + refused.Failure.Hint, char.IsControl);
            return refused.Failure.Code;
        }
    }

    private static async Task<bool> StopAsync(Task call, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await Task.WhenAny(call);
        return false;
    }

    private static async Task<string> ListAsync(S3Destination destination, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var entry in destination.ListAsync(null, cancellationToken))
        {
            Assert.Equal(entry.Path, RelativePath.Parse(entry.Path.Value));
            count++;
        }

        return count == 0 ? "nothing" : "listed";
    }

    private static async Task<string> StatAsync(S3Destination destination, CancellationToken cancellationToken) =>
        await destination.StatAsync(RelativePath.Parse("x"), cancellationToken) is null ? "missing" : "found";

    private static async Task<string> HashAsync(S3Destination destination, CancellationToken cancellationToken) =>
        await destination.HashAsync(RelativePath.Parse("x"), cancellationToken) is null ? "missing" : "hashed";

    private static async Task<string> WriteAsync(S3Destination destination, CancellationToken cancellationToken)
    {
        var bytes = Bytes(5);
        await using var session = await destination.BeginWriteAsync(Request("x", bytes.Length), cancellationToken);
        await session.WriteAsync(0, bytes, cancellationToken);
        await session.CommitAsync(Sha256(bytes), cancellationToken);
        return "written";
    }

    /// <summary>One answer, given to every request.</summary>
    private sealed record Answer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
    {
        public static Answer Read(byte[] bytes)
        {
            var end = bytes.AsSpan().IndexOf("\n\n"u8);
            var head = Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]).Split('\n');
            _ = int.TryParse(head[0], out var status);
            var headers = head.Skip(1)
                .Select(line => line.Split(": ", 2))
                .Where(pair => pair.Length == 2)
                .Select(pair => (Printable(pair[0]).Replace(" ", "", StringComparison.Ordinal), Printable(pair[1])));
            return new(
                status is >= 200 and < 600 ? status : 200,
                [.. headers.Where(header => header.Item1.Length > 0 && MayBe(header.Item1))],
                end < 0 ? [] : bytes[(end + 2)..]);
        }

        public async Task GiveAsync(Microsoft.AspNetCore.Http.HttpResponse response, bool isHead)
        {
            response.StatusCode = Status;
            foreach (var (name, value) in Headers) response.Headers[name] = value;
            if (!isHead && Status is not (204 or 205 or 304)) await response.Body.WriteAsync(Body);
        }

        // The web server itself refuses names and values that are none, and what it frames the answer with is its own; nobody waits here.
        private static bool MayBe(string name) =>
            name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && !name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
            && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
            && !name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
            && !name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase) && !name.Equals("Retry-After", StringComparison.OrdinalIgnoreCase);

        private static string Printable(string text) => new([.. text.Where(c => c is >= ' ' and < '\u007f')]);
    }
}
