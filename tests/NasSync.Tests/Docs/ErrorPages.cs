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
        (FailureClass.Throttled, "The destination asked NasSync to slow down."),
        (FailureClass.Unavailable, "The destination is not available."),
        (FailureClass.NoSpace, "No space is left."),
        (FailureClass.Permission, "NasSync lacks a permission."),
        (FailureClass.Auth, "The login was refused."),
        (FailureClass.Mismatch, "Bytes, size or hash are not what they should be."),
        (FailureClass.Conflict, "Something else has the target, or will get it."),
        (FailureClass.Escape, "A path tried to leave the folder it belongs to."),
        (FailureClass.Gone, "Something that is needed does not exist any more."),
        (FailureClass.Invalid, "The producer's input is wrong, or a name is not allowed."),
        (FailureClass.Config, "The configuration, or what a command was given, is wrong."),
        (FailureClass.Bug, "An error of NasSync itself."),
    ];

    /// <summary>docs/errors.md.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder("""
            # Errors

            <!-- Made from src/NasSync.Core/Failures/FailureTable.cs: NASSYNC_GOLDEN=write dotnet test --filter FailureTable -->

            Every failure has a stable code and a class. The code is in brackets after the hint (`code` in JSON, the error's id in PowerShell). The class alone decides
            whether the item is retried. This page says what each code means in general; the message itself names the item, and its hint is more specific.
            [troubleshooting.md](troubleshooting.md) shows how to deal with the frequent ones.

            Of several failures the most serious one decides the run's [exit code](command-line.md#exit-codes). `nassync` and the cmdlets (`ExitCode` of the summary, and of an
            error's `Exception`) use the same rule: 2 when the command's arguments are wrong or name something that does not exist, 3 when the configuration or the system
            must be fixed before anything can run, 10 when another run uses the work folder, otherwise the code of the class.

            - **Tried again**: several times within the run, and by later runs.
            - **Next run**: not within this run, but by a later run, or by a watching one, automatically.
            - **Parked**: someone must act; after that, `nassync retry` or the next `sync` tries the item again.

            `nassync status --failed` lists the items and manifests that failed and have not succeeded since. It does not list failures that belong to no item of a plan: a wrong command or
            configuration, a run that could not begin, a mistyped path, an entry of a repair plan that cannot be repaired. A `DuplicateJobId` may be missing after its first
            run: it is listed under the job id that both folders have, and a copy of the first folder clears it; the next run lists it again.


            """);
        foreach (var (its, means) in Classes)
        {
            page.Append(CultureInfo.InvariantCulture, $"## {its}\n\n{means} {Retried(its)}. In PowerShell the category is `{Category(its)}`.\n\n");
            page.Append("| code | meaning | what to do | exit code |\n| --- | --- | --- | --- |\n");
            foreach (var row in Of(its))
                page.Append(CultureInfo.InvariantCulture, $"| `{row.Code}` | {Cell(row.Meaning)}{Also(row)} | {Cell(row.Cure)} | {Exit(row)} |\n");
            page.Append('\n');
        }

        page.Append("## Notices\n\nA notice reports something although nothing failed (`warned` in JSON and in the log, a warning in PowerShell). "
            + "It does not change the exit code.\n");
        page.Append("A notice may also have the code of a failure: when a watching NasSync waits for something, "
            + "and when a webhook's receiver answered with an error.\n\n");
        page.Append("| code | meaning | what to do |\n| --- | --- | --- |\n");
        foreach (var row in FailureTable.Notices)
            page.Append(CultureInfo.InvariantCulture, $"| `{row.Code}` | {Cell(row.Meaning)} | {Cell(row.Cure)} |\n");
        return page.ToString();
    }

    /// <summary>about_NasSync_Errors: plain text of at most 80 columns.</summary>
    public static string Topic()
    {
        var topic = new StringBuilder("TOPIC\n    about_NasSync_Errors\n\nSHORT DESCRIPTION\n");
        Wrap(topic, 4, "What each error of NasSync means, and what to do about it.");
        topic.Append("\nLONG DESCRIPTION\n");
        Wrap(topic, 4, "A failed item is one ErrorRecord and ends nothing: the other items go on, and the summary is still written. "
        + "Only a wrong configuration (ConfigInvalid) "
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
        Wrap(topic, 4, "\"Tried again\": several times within the run, and by a later run. \"Next run\": by a later run. "
            + "\"Parked\": someone must act; Get-SyncFailure lists it. "
            + "The exit code is that of a scheduled task or of nassync when nothing more serious happened.");
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

    private static IEnumerable<FailureCode> Of(FailureClass its) =>
        FailureTable.Failures.Where(row => row.Classes[0] == its).OrderBy(row => row.Code, StringComparer.Ordinal);

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
        return policy.DelayAfter(failure, 1, 1) is not null
            ? "Tried again"
            : policy.DelayToNextRun(failure, 1, 1) is not null ? "Next run" : "Parked";
    }

    private static string Exit(FailureCode row) => string.Join(" or ", row.Classes.Select(its => ExitOf(its, row.Code)).Distinct());

    private static int ExitOf(FailureClass its, string code) => (int)ExitCodes.Of(new Failure(its, code, "", ""));

    // PowerShell's own types are hollow where no PowerShell runs, so the switch is read from the source.
    private static string Category(FailureClass its) =>
        Categories().Matches(File.ReadAllText(Repository.At("src/NasSync.PowerShell/ErrorRecords.cs"))).FirstOrDefault(match =>
            match.Groups[1].Value == its.ToString())?.Groups[2].Value ?? "NotSpecified";

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
