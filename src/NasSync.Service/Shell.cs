namespace NasSync.Service;

/// <summary>
/// The surroundings of the program: streams, environment, terminal, signals. Tests pass their own; <see cref="Program"/> the real ones.
/// </summary>
/// <param name="Out">Standard output: tables for people, or JSON lines and nothing else.</param>
/// <param name="Error">Standard error: messages, warnings, progress.</param>
internal sealed record Shell(TextWriter Out, TextWriter Error)
{
    /// <summary>The words of what is printed: commands in it carry the <c>--config</c> of this call.</summary>
    public ProgramWords Words { get; } = new();

    /// <summary>The environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder that relative paths are relative to, as a full path.</summary>
    public string CurrentFolder { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Columns of standard output's terminal; null for a pipe or a file, where nothing is shortened or wrapped.</summary>
    public int? Width { get; init; }

    /// <summary>Columns of standard error's terminal; null for a pipe or a file, which shows no progress.</summary>
    public int? ErrorWidth { get; init; }

    /// <summary>Whether standard output supports colours.</summary>
    public bool Colours { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Registers a handler for SIGHUP instead of the stop, until the result is disposed; null where that is not possible.</summary>
    public Func<Action, IDisposable>? HangUps { get; init; }

    /// <summary>
    /// Makes a signal end the program at once until the result is disposed: no work has begun that must end gracefully, and a wait may never end.
    /// Null where this program does not handle signals.
    /// </summary>
    public Func<IDisposable>? BeforeWork { get; init; }

    /// <summary>The stream behind standard output, if its loss must not end the work; null: <see cref="Out"/> is never lost.</summary>
    public Output.LossyStream? Stream { get; init; }

    /// <summary>Why part of standard output was lost; null when nothing was.</summary>
    public Exception? LostOutput => Stream?.Lost;

    /// <summary>Whether the reader closed the pipe, which it may do: <c>| head -1</c>.</summary>
    public static bool IsClosedPipe(Exception lost) => Files.StandardStream.IsClosedPipe(lost);

    /// <summary>Reports the loss of standard output on standard error, once and at once.</summary>
    /// <param name="isListing">Whether the output is all that was requested.</param>
    public void TellOfLostOutput(bool isListing)
    {
        if (Stream is null) return;
        Stream.OnLost = lost =>
        {
            if (isListing && IsClosedPipe(lost)) return;
            var why = IsClosedPipe(lost) ? "nobody reads it any more" : lost.Message.TrimEnd('.');
            Warn(isListing
                ? $"Standard output was lost ({why})."
                : $"Standard output is lost ({why}); the work goes on without it, and the exit code says how it ends.");
        };
    }

    /// <summary>A user's path as a full path.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, CurrentFolder);

    /// <summary>Whether a word is a path rather than a destination's name.</summary>
    public static bool IsPath(string word) => word is "." or ".." || word.Contains('/') || word.Contains(Path.DirectorySeparatorChar);

    /// <summary>Shows a notice to people, on standard error.</summary>
    public void Tell(Notice notice) => Error.WriteLine(SafeText.Show($"{Prefix(notice)}: {Words.Of(notice)}"));

    /// <summary>The prefix of a notice: <c>note</c> when nothing need be wrong, otherwise <c>warning</c>.</summary>
    public static string Prefix(Notice notice) => notice.IsCalm ? "note" : "warning";

    /// <summary>Shows a warning to people, on standard error.</summary>
    public void Warn(string message) => Error.WriteLine($"warning: {SafeText.Show(Words.Of(message))}");
}
