using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>Tells a path from a name, and makes it one that the core understands.</summary>
internal static class SessionPath
{
    /// <summary>True for what can only be a path; everything else may be a name.</summary>
    public static bool IsPath(string text) =>
        text is "." or ".." or "~" || text.Contains('/') || text.Contains(Path.DirectorySeparatorChar);

    /// <summary>True for a full path of Windows, such as <c>D:\media\nas-sync.yaml</c> or <c>\\nas\media</c>.</summary>
    public static bool IsOfWindows(string text) =>
        text.StartsWith(@"\\", StringComparison.Ordinal) || text is [var letter, ':', '\\' or '/', ..] && char.IsAsciiLetter(letter);

    /// <summary>The full path, from the session's location; every character stands for itself, and nothing need be there.</summary>
    /// <exception cref="FailureException">The drive is not there, or it is no drive of files.</exception>
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
