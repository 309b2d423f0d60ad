using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>Long answers come in pages.</summary>
internal static class S3Pages
{
    /// <summary>
    /// Where the next page begins; null after the last one. A server that says that there is more, and then names nothing or the page that was
    /// just read, would be asked for ever.
    /// </summary>
    /// <param name="shown">What is listed, as it is shown.</param>
    /// <param name="truncated">What the page says of more.</param>
    /// <param name="from">Where the page began; null for the first.</param>
    /// <param name="to">Where it says that the next one begins.</param>
    /// <exception cref="FailureException">There is more, and no way to it (class Transient).</exception>
    public static string? Next(string shown, bool? truncated, string? from, string? to)
    {
        if (truncated != true) return null;
        if (!string.IsNullOrEmpty(to) && to != from) return to;
        throw new FailureException(new Failure(
            FailureClass.Transient,
            "AnswerUnreadable",
            $"Cannot list {shown}: the server says that there is more, and does not say where it goes on.",
            "It is tried again; if it stays, check that `endpoint` is an S3 server and no proxy stands before it."));
    }

    /// <summary>Lets a request for uploads ask for the next page; false after the last one.</summary>
    /// <inheritdoc cref="Next"/>
    public static bool Turn(string shown, ListMultipartUploadsResponse page, ListMultipartUploadsRequest request)
    {
        var next = Next(
            shown,
            page.IsTruncated,
            $"{request.KeyMarker}\n{request.UploadIdMarker}",
            $"{page.NextKeyMarker}\n{page.NextUploadIdMarker}");
        (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        return next is not null;
    }
}
