using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>Walks through paged answers.</summary>
internal static class S3Pages
{
    /// <summary>
    /// The marker of the next page; null after the last one. Refuses a server that announces more and then names no marker or the same one again: it
    /// would be queried for ever.
    /// </summary>
    /// <param name="shown">What is listed, for people.</param>
    /// <param name="truncated">Whether the page announces more.</param>
    /// <param name="from">The marker of this page; null for the first.</param>
    /// <param name="to">The marker of the next page, as this page names it.</param>
    /// <exception cref="FailureException">There is more, but no marker that leads to it (class Transient).</exception>
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

    /// <summary>Moves a request for uploads to the next page; false after the last one.</summary>
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
