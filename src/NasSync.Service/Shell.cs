namespace NasSync.Service;

/// <summary>What the program sees of the place it was started from. Tests hand in their own; <see cref="Program"/> the real one.</summary>
/// <param name="Out">Standard output: tables for people, or JSON lines and nothing else.</param>
/// <param name="Error">Standard error: messages, warnings, progress.</param>
internal sealed record Shell(TextWriter Out, TextWriter Error)
{
    /// <summary>The environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder that relative paths start from, as a full path.</summary>
    public string CurrentFolder { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Columns of standard output's terminal; null when it is a pipe or a file, where nothing is shortened or wrapped.</summary>
    public int? Width { get; init; }

    /// <summary>Columns of standard error's terminal; null (a pipe or a file) shows no progress.</summary>
    public int? ErrorWidth { get; init; }

    /// <summary>Whether standard output takes colours.</summary>
    public bool Colours { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Lets someone hear SIGHUP instead of being stopped by it, until what it gives is disposed; null where that is not to be had.</summary>
    public Func<Action, IDisposable>? HangUps { get; init; }

    /// <summary>
    /// While what it gives is held, a signal ends the program at once: nothing has begun that would have to be ended well, and what is waited for may
    /// never come. Null where signals are not this program's.
    /// </summary>
    public Func<IDisposable>? BeforeWork { get; init; }

    /// <summary>Where standard output goes, when it may be lost there without ending the work; null: <see cref="Out"/> is never lost.</summary>
    public Output.LossyStream? Stream { get; init; }

    /// <summary>Why some of standard output was lost; null: nothing was.</summary>
    public Exception? LostOutput => Stream?.Lost;

    /// <summary>Whether nobody reads any more what is printed, which is a reader's right: <c>| head -1</c>.</summary>
    public static bool IsClosedPipe(Exception lost) => Files.StandardStream.IsClosedPipe(lost);

    /// <summary>Says on standard error once, and at once, when standard output is lost.</summary>
    /// <param name="isListing">What is printed is all that was asked for.</param>
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

    /// <summary>A path as the user gave it, made full.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, CurrentFolder);

    /// <summary>A notice for people, on standard error.</summary>
    public void Tell(Notice notice) => Error.WriteLine(Output.SafeText.Show($"{Prefix(notice)}: {notice}"));

    /// <summary>What a notice begins with: one that may be as it should be is no warning.</summary>
    public static string Prefix(Notice notice) => notice.IsCalm ? "note" : "warning";

    /// <summary>A warning for people, on standard error.</summary>
    public void Warn(string message) => Error.WriteLine($"warning: {Output.SafeText.Show(message)}");
}
