namespace NasSync.Tests.Support;

/// <summary>Reads about this machine's processes from <c>/proc</c>.</summary>
internal static class Proc
{
    /// <summary>The argument vector of every process, with a NUL behind each argument.</summary>
    public static IEnumerable<string> CommandLines()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process has ended meanwhile.
                continue;
            }

            yield return line;
        }
    }
}
