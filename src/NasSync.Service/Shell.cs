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

    /// <summary>A path as the user gave it, made full.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, CurrentFolder);

    /// <summary>A warning for people, on standard error.</summary>
    public void Warn(string message) => Error.WriteLine($"warning: {Output.SafeText.Show(message)}");
}
