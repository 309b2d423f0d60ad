namespace NasSync.Config;

/// <summary>
/// Addresses in a form that may be shown. Many services put an access token into the query or the path, where nothing marks it as a secret.
/// </summary>
internal static class ShownUrl
{
    // A path segment of this length was generated, not named by a person.
    private const int LongestShownSegment = 19;

    /// <summary>Scheme, server and path, without query and fragment, and with <c>…</c> for the parts of the path that may be secret.</summary>
    public static string Of(Uri url)
    {
        var segments = url.AbsolutePath.Split('/').Select(segment => segment.Length > LongestShownSegment ? "…" : segment);
        return url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + string.Join('/', segments);
    }

    /// <summary>The address for a printed configuration: unchanged if nothing is hidden, otherwise with marks for the hidden parts.</summary>
    public static string InConfig(Uri url)
    {
        var shown = Of(url) + (url.Query.Length > 0 ? "?…" : "") + (url.Fragment.Length > 0 ? "#…" : "");
        return shown.Contains('…') ? shown : url.OriginalString;
    }
}
