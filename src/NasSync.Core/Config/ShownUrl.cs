namespace NasSync.Config;

/// <summary>
/// An address as it may be shown. Many services put what entitles to use them into the query or the path, and nobody marks it as a secret.
/// </summary>
internal static class ShownUrl
{
    // A part of the path that is this long was not named by a person.
    private const int LongestShownSegment = 19;

    /// <summary>Scheme, server and path, without query and fragment, and with <c>…</c> for the parts of the path that may be secret.</summary>
    public static string Of(Uri url)
    {
        var segments = url.AbsolutePath.Split('/').Select(segment => segment.Length > LongestShownSegment ? "…" : segment);
        return url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + string.Join('/', segments);
    }

    /// <summary>
    /// The same as it stands in a printed configuration: as it was written where all of it is shown, else with a sign that something is hidden.
    /// </summary>
    public static string InConfig(Uri url)
    {
        var shown = Of(url) + (url.Query.Length > 0 ? "?…" : "") + (url.Fragment.Length > 0 ? "#…" : "");
        return shown.Contains('…') ? shown : url.OriginalString;
    }
}
