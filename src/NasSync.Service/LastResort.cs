using System.Text;

namespace NasSync.Service;

/// <summary>The last messages, when nothing else can be written: two lines, never a trace. Needs no other library.</summary>
internal static class LastResort
{
    /// <summary>Reports that too few files can be opened.</summary>
    /// <returns>The exit code: a later run may have a higher limit.</returns>
    public static int TooFewFiles()
    {
        Write(
            "error: This process may not open as many files as a run needs.\n  Raise 'ulimit -n' (LimitNOFILE= of the "
                + "service); 1024 is plenty. [TooManyOpenFiles]\n");
        return (int)ExitCode.WillRetry;
    }

    /// <summary>Reports an unexpected error.</summary>
    /// <returns>The exit code.</returns>
    public static int Tell(Exception? error)
    {
        var line = error?.Message.ReplaceLineEndings(" ").Trim() ?? "nobody knows why";
        Write($"unexpected error: {line}\n  This is an error of NasSync itself; please report it, with what was done before.\n");
        return (int)ExitCode.Unexpected;
    }

    private static void Write(string text)
    {
        try
        {
            using var error = Console.OpenStandardError();
            error.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The exit code alone must report it.
        }
    }
}
