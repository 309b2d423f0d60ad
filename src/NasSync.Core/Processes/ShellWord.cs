namespace NasSync.Processes;

/// <summary>Quotes words for a POSIX shell. The result is only shown to people, never run.</summary>
internal static class ShellWord
{
    /// <summary>The word, in single quotes where the shell would take it apart or replace something in it.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:@=,+%".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
