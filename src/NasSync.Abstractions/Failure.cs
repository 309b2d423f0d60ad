using System.Globalization;
using System.Text;

namespace NasSync;

/// <summary>The kind of a failure; it alone decides whether a retry may help.</summary>
public enum FailureClass
{
    /// <summary>A later attempt may succeed: a dropped connection, a busy file, a manifest that is still being written.</summary>
    Transient,

    /// <summary>The destination asked for less load.</summary>
    Throttled,

    /// <summary>The destination is not available: not mounted, not reachable.</summary>
    Unavailable,

    /// <summary>No space is left, or a quota is used up.</summary>
    NoSpace,

    /// <summary>Permission denied, or the file system is read-only.</summary>
    Permission,

    /// <summary>The destination rejected the credentials.</summary>
    Auth,

    /// <summary>Content, size or hash differ from the expected ones.</summary>
    Mismatch,

    /// <summary>Something else occupies, or claims, the same target.</summary>
    Conflict,

    /// <summary>A safety rule was violated: a path tried to leave its folder, or to use a name that NasSync reserves for itself.</summary>
    Escape,

    /// <summary>The source does not exist any more.</summary>
    Gone,

    /// <summary>The producer's input is wrong: the manifest is not valid.</summary>
    Invalid,

    /// <summary>The configuration is wrong, or requires what this version does not support.</summary>
    Config,

    /// <summary>An error of NasSync itself.</summary>
    Bug,
}

/// <summary>An error as data: everything that the scheduler, the ledger and the user need.</summary>
/// <param name="Class">The kind of failure.</param>
/// <param name="Code">A stable PascalCase name of the exact case, such as <c>EscapesJob</c>; scripts may match it.</param>
/// <param name="Message">One sentence that names the item.</param>
/// <param name="Hint">The cure, as one sentence.</param>
public sealed record Failure(FailureClass Class, string Code, string Message, string Hint)
{
    /// <summary>How long the other side asked to wait; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// The class of the failure that caused this one, when that class decides the exit code: an open circuit breaker reports its place as unavailable
    /// although the place refused the login. Null when this failure's own class decides.
    /// </summary>
    internal FailureClass? CauseClass { get; init; }

    /// <summary>
    /// The code of the failure that the file at a target is not the one that the plan saw. A conflict, but one that needs no intervention: the next
    /// plan sees the file and follows the policy.
    /// </summary>
    public const string TargetChanged = "TargetChanged";

    /// <summary>True when a later attempt may succeed without intervention. This property alone decides about retries.</summary>
    public bool IsTransient =>
        Class is FailureClass.Transient or FailureClass.Throttled or FailureClass.Unavailable or FailureClass.NoSpace || Code == TargetChanged;

    /// <summary>
    /// Quotes a text from elsewhere for use in a message: at most 200 characters, with <c>\uXXXX</c> for characters that could control a terminal,
    /// split a log line or change the reading direction.
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

/// <summary>Carries a <see cref="NasSync.Failure"/> up to the item that it belongs to. The run and all other items stay usable.</summary>
public sealed class FailureException : Exception
{
    /// <summary>Wraps a failure, with the exception that caused it, if any.</summary>
    public FailureException(Failure failure, Exception? inner = null)
        : base(failure?.Message, inner) => Failure = failure ?? throw new ArgumentNullException(nameof(failure));

    /// <summary>The failure as data.</summary>
    public Failure Failure { get; }

    /// <summary>The exit code for a script in which only this went wrong; set on the errors of cmdlets, otherwise null.</summary>
    public ExitCode? ExitCode { get; init; }
}
