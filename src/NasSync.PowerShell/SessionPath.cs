using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>Distinguishes paths from names, and resolves paths for the core.</summary>
internal static class SessionPath
{
    /// <summary>Whether a text can only be a path; any other text may be a name.</summary>
    public static bool IsPath(string text) =>
        text is "." or ".." or "~" || text.Contains('/') || text.Contains(Path.DirectorySeparatorChar);

    /// <summary>Whether a text is a full path of Windows, such as <c>D:\media\nas-sync.yaml</c> or <c>\\nas\media</c>.</summary>
    public static bool IsOfWindows(string text) =>
        text.StartsWith(@"\\", StringComparison.Ordinal) || text is [var letter, ':', '\\' or '/', ..] && char.IsAsciiLetter(letter);

    /// <summary>The full path, relative to the session's location; without wildcards, and nothing need exist there.</summary>
    /// <exception cref="FailureException">The drive does not exist, or is no file system drive.</exception>
    public static string Full(PathIntrinsics session, string path)
    {
        try
        {
            var full = session.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return provider.Name == "FileSystem" ? full : throw new FailureException(CmdletFailure.NotAFileSystem(path, provider.Name));
        }
        catch (SessionStateException)
        {
            throw new FailureException(CmdletFailure.PathNotFound(path));
        }
    }
}
