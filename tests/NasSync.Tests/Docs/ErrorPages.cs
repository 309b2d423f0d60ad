using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NasSync.Failures;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Docs;

/// <summary>The table of codes as a page and as a topic of PowerShell's help.</summary>
internal static partial class ErrorPages
{
    private const int Columns = 79;

    private static readonly (FailureClass Class, string Means)[] Classes =
    [
        (FailureClass.Transient, "A later try may succeed."),
        (FailureClass.Throttled, "The place asked for less load."),
        (FailureClass.Unavailable, "The place is not there at all."),
        (FailureClass.NoSpace, "There is no room."),
        (FailureClass.Permission, "We may not."),
        (FailureClass.Auth, "The place refused who we are."),
        (FailureClass.Mismatch, "Bytes, size or hash are not what they should be."),
        (FailureClass.Conflict, "Something else has, or wants, the same place."),
        (FailureClass.Escape, "A path tried to leave the folder it belongs to."),
        (FailureClass.Gone, "What is needed is not there any more."),
        (FailureClass.Invalid, "The producer's input is wrong, or a name cannot be."),
        (FailureClass.Config, "The configuration, or what a command was given, is wrong."),
        (FailureClass.Bug, "An error of NasSync itself."),
    ];

    /// <summary>docs/errors.md.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder("""
            # Errors

            <!-- Made from src/NasSync.Core/Failures/FailureTable.cs: NASSYNC_GOLDEN=write dotnet test --filter FailureTable -->

            Every failure has a stable code, which stands in brackets behind its message (`code` in JSON, the error's id in PowerShell), and a class. The class alone
            decides whether it is tried again. Here is what each code means in general; the message names the item, and its hint is more exact. Of several failures
            the gravest gives the run's [exit code](command-line.md#exit-codes), and one rule says which it is for `nassync` and for the cmdlets (`ExitCode` of the
            summary, and of an error's `Exception`): 2 where what the command was given is wrong or names nothing, 3 where the configuration or the system must be
            mended before anything runs, 10 where another run holds the work folder, and else that of the class. How to go about a failure shows [troubleshooting.md](troubleshooting.md).

            **Tried again** means: several times within the run, and by a later run. **Next run** means: not within this run, but a later run, or the watching one, tries
            it by itself. **Parked** means: someone must act; `nassync status --failed` lists it, and `nassync retry` or the next `sync` tries it then.


            """);
        foreach (var (its, means) in Classes)
        {
            page.Append(CultureInfo.InvariantCulture, $"## {its}\n\n{means} {Retried(its)}. In PowerShell the category is `{Category(its)}`.\n\n");
            page.Append("| code | meaning | what to do | exit code |\n| --- | --- | --- | --- |\n");
            foreach (var row in Of(its)) page.Append(CultureInfo.InvariantCulture, $"| `{row.Code}` | {Cell(row.Meaning)}{Also(row)} | {Cell(row.Cure)} | {Exit(row)} |\n");
            page.Append('\n');
        }

        page.Append("## Notices\n\nNothing failed; this should be known (`warned` in JSON and in the log, a warning in PowerShell). They change no exit code. A notice may also bear the code of a\n");
        page.Append("failure: of what a watching NasSync waits for, and of what a webhook answered.\n\n| code | meaning | what to do |\n| --- | --- | --- |\n");
        foreach (var row in FailureTable.Notices) page.Append(CultureInfo.InvariantCulture, $"| `{row.Code}` | {Cell(row.Meaning)} | {Cell(row.Cure)} |\n");
        return page.ToString();
    }

    /// <summary>about_NasSync_Errors: plain text of at most 80 columns.</summary>
    public static string Topic()
    {
        var topic = new StringBuilder("TOPIC\n    about_NasSync_Errors\n\nSHORT DESCRIPTION\n");
        Wrap(topic, 4, "What each error of NasSync means, and what to do about it.");
        topic.Append("\nLONG DESCRIPTION\n");
        Wrap(topic, 4, "A failed item is one ErrorRecord and ends nothing: the other items go on, and the summary is still written. Only a wrong configuration (ConfigInvalid) "
            + "and a work folder that another run holds (Locked) end the command. Of the record,");
        topic.Append("""

                $_.FullyQualifiedErrorId               the code, then a comma and the cmdlet
                $_.Exception.Failure                   class, code, message and hint
                $_.ErrorDetails.RecommendedAction      the hint, what cures it
                $_.CategoryInfo.Category               by the class, as below
                $_.TargetObject                        the item


            """.ReplaceLineEndings("\n"));
        Wrap(topic, 4, "The codes are stable, so scripts may match them:");
        topic.Append("""

                Get-SyncManifest | Invoke-ArtifactSync -ErrorVariable failed
                $failed | Where-Object FullyQualifiedErrorId -like 'NoSpace,*'

                Get-SyncFailure | Resume-ArtifactSync     # after the cure


            """.ReplaceLineEndings("\n"));
        Wrap(topic, 4, "\"Tried again\": several times within the run, and by a later run. \"Next run\": by a later run. \"Parked\": someone must act; Get-SyncFailure lists it. "
            + "The exit code is that of a scheduled task or of nassync when nothing graver happened.");
        foreach (var (its, means) in Classes)
        {
            topic.Append('\n');
            Wrap(topic, 2, $"{its} ({Category(its)})");
            Wrap(topic, 4, $"{means} {Retried(its)}.");
            foreach (var row in Of(its))
            {
                topic.Append(CultureInfo.InvariantCulture, $"\n    {row.Code}  (exit code {Exit(row)})\n");
                Wrap(topic, 8, row.Meaning + Also(row));
                Wrap(topic, 8, row.Cure);
            }
        }

        topic.Append('\n');
        Wrap(topic, 2, "Notices");
        Wrap(topic, 4, "Nothing failed, but this should be known. They are warnings, and change no exit code.");
        foreach (var row in FailureTable.Notices)
        {
            topic.Append(CultureInfo.InvariantCulture, $"\n    {row.Code}\n");
            Wrap(topic, 8, row.Meaning);
            Wrap(topic, 8, row.Cure);
        }

        return topic.Append("\nSEE ALSO\n    about_NasSync\n    Get-SyncFailure\n    Resume-ArtifactSync\n    Invoke-ArtifactSync\n").ToString();
    }

    private static IEnumerable<FailureCode> Of(FailureClass its) => FailureTable.Failures.Where(row => row.Classes[0] == its).OrderBy(row => row.Code, StringComparer.Ordinal);

    // What else it may be, and where the code is not tried again as the others of its class are.
    private static string Also(FailureCode row) =>
        (row.Classes.Count == 1 ? "" : $" Also {string.Join(", ", row.Classes.Skip(1))}.")
        + (Retried(row.Classes[0], row.Code) is var its && its != Retried(row.Classes[0]) ? $" {its}." : "");

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "\\<", StringComparison.Ordinal);

    // As RetryPolicy decides: for the class within the run, by IsTransient for a later one.
    private static string Retried(FailureClass its, string code = "AnyOther")
    {
        var failure = new Failure(its, code, "", "");
        var policy = new RetryPolicy(5, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        return policy.DelayAfter(failure, 1, 1) is not null ? "Tried again" : policy.DelayToNextRun(failure, 1, 1) is not null ? "Next run" : "Parked";
    }

    private static string Exit(FailureCode row) => string.Join(" or ", row.Classes.Select(its => ExitOf(its, row.Code)).Distinct());

    private static int ExitOf(FailureClass its, string code) => (int)ExitCodes.Of(new Failure(its, code, "", ""));

    // PowerShell's own types are hollow where no PowerShell runs, so the switch is read from the source.
    private static string Category(FailureClass its) =>
        Categories().Matches(File.ReadAllText(Repository.At("src/NasSync.PowerShell/ErrorRecords.cs"))).FirstOrDefault(match => match.Groups[1].Value == its.ToString())?.Groups[2].Value ?? "NotSpecified";

    private static void Wrap(StringBuilder to, int indent, string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && indent + line.Length + 1 + word.Length > Columns) Flush();
            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        Flush();

        void Flush()
        {
            to.Append(' ', indent).Append(line).Append('\n');
            line.Clear();
        }
    }

    [GeneratedRegex(@"FailureClass\.(\w+) => ErrorCategory\.(\w+)")]
    private static partial Regex Categories();
}
