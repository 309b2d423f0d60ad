using System.Globalization;
using System.Text;

namespace NasSync;

/// <summary>What kind of thing went wrong; it alone decides whether a later try may help.</summary>
public enum FailureClass
{
    /// <summary>A later try may succeed: a dropped connection, a busy file, a manifest still being written.</summary>
    Transient,

    /// <summary>The destination asked for less load.</summary>
    Throttled,

    /// <summary>The destination is not there at all: not mounted, not reachable.</summary>
    Unavailable,

    /// <summary>No room, or a quota is used up.</summary>
    NoSpace,

    /// <summary>Permission denied, or the file system is read-only.</summary>
    Permission,

    /// <summary>The destination refused who we are.</summary>
    Auth,

    /// <summary>Bytes, size or hash are not what they should be.</summary>
    Mismatch,

    /// <summary>Something else has, or wants, the same place.</summary>
    Conflict,

    /// <summary>A safety rule: a path tried to leave the folder it belongs to, or to take a name that NasSync uses itself.</summary>
    Escape,

    /// <summary>The source is not there any more.</summary>
    Gone,

    /// <summary>The producer's input is wrong: the manifest cannot be read as one.</summary>
    Invalid,

    /// <summary>The configuration is wrong or asks for what this version cannot do.</summary>
    Config,

    /// <summary>An error of NasSync itself.</summary>
    Bug,
}

/// <summary>An error as data: all that the scheduler, the ledger and the user need of it.</summary>
/// <param name="Class">What kind of thing went wrong.</param>
/// <param name="Code">A stable PascalCase name of the exact case, such as <c>EscapesJob</c>; scripts may match it.</param>
/// <param name="Message">One sentence that names the item.</param>
/// <param name="Hint">What cures it, as one sentence.</param>
public sealed record Failure(FailureClass Class, string Code, string Message, string Hint)
{
    /// <summary>How long the other side asked us to wait; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// The class of the failure that this one only follows from, where that decides the exit code: a place that is left alone because it refuses the
    /// login is there. Null where this one speaks for itself.
    /// </summary>
    internal FailureClass? Behind { get; init; }

    /// <summary>
    /// The code of the failure that something else stands at a target than the plan saw. It is a conflict, and yet needs nobody: the next plan sees
    /// it and follows the policy.
    /// </summary>
    public const string TargetChanged = "TargetChanged";

    /// <summary>True when a later try without anyone's help may succeed. The one property that decides retry.</summary>
    public bool IsTransient =>
        Class is FailureClass.Transient or FailureClass.Throttled or FailureClass.Unavailable or FailureClass.NoSpace || Code == TargetChanged;

    /// <summary>
    /// A text from elsewhere, in single quotes, fit for a message: at most 200 characters, and what could drive a terminal, split a log
    /// line or turn the reading direction is shown as <c>\uXXXX</c>.
    /// </summary>
    public static string Quote(string? text)
    {
        if (text is null) return "(null)";
        var shown = new StringBuilder("'");
        var left = 200;
        for (var i = 0; i < text.Length; i++)
        {
            if (left-- == 0) return shown.Append("…'").ToString();
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) shown.Append(text, i++, 2);
            else if (IsUnshown(text[i])) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            else shown.Append(text[i]);
        }

        return shown.Append('\'').ToString();

        static bool IsUnshown(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
    }

    /// <summary>The message with its code.</summary>
    public override string ToString() => $"{Code}: {Message}";
}

/// <summary>Carries a <see cref="NasSync.Failure"/> up to the item it belongs to. The run and every other item stay usable.</summary>
public sealed class FailureException : Exception
{
    /// <summary>Wraps a failure, with the error that caused it where there was one.</summary>
    public FailureException(Failure failure, Exception? inner = null)
        : base(failure?.Message, inner) => Failure = failure ?? throw new ArgumentNullException(nameof(failure));

    /// <summary>The failure as data.</summary>
    public Failure Failure { get; }

    /// <summary>What a script may end with where only this went wrong; set on the errors of the cmdlets, else null.</summary>
    public ExitCode? ExitCode { get; init; }
}
