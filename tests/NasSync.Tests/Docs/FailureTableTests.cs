using NasSync.Failures;
using NasSync.Tests.Support;

namespace NasSync.Tests.Docs;

/// <summary>The table of codes says what the sources say, and the pages say what the table says.</summary>
public sealed class FailureTableTests
{
    private static readonly CodesInSources Sources = new();

    // Of these one class comes from a table of the system's errors, which is read as data.
    private static readonly IEnumerable<UsedCode> Used =
        Sources.Failures.Concat(SystemError.All.Select(error => new UsedCode(error.Code, error.Class, "SystemError")));

    [Fact]
    public void Every_code_in_the_sources_can_be_read() => Assert.Equal([], Sources.Unread);

    [Fact]
    public void Every_failure_of_the_sources_stands_in_the_table_with_its_class()
    {
        var table = FailureTable.Failures.ToDictionary(row => row.Code);
        var wrong =
            from used in Used
            where !table.TryGetValue(used.Code, out var row) || used.Class is { } its && !row.Classes.Contains(its)
            select $"{used.Place}: {used.Class} {used.Code}";
        Assert.Equal([], wrong.Distinct());
    }

    [Fact]
    public void Every_class_in_the_table_is_one_that_the_sources_give()
    {
        var used = Used.ToLookup(code => code.Code);
        var wrong =
            from row in FailureTable.Failures
            from its in row.Classes
            where !used[row.Code].Any(code => code.Class is null || code.Class == its)
            select $"{row.Code}: {its}";
        Assert.Equal([], wrong);
    }

    [Fact]
    public void Every_notice_of_the_sources_stands_in_the_table_and_no_other() =>
        Assert.Equal(Sources.Notices.Select(notice => notice.Code).Distinct().Order(), FailureTable.Notices.Select(row => row.Code).Order());

    [Fact]
    public void A_row_is_one_sentence_each_and_stands_in_its_place()
    {
        var rows = FailureTable.Failures.Concat(FailureTable.Notices).ToList();
        Assert.All(rows, row => Assert.Matches(@"^[A-Za-z].*[^.]\.$", row.Meaning));
        Assert.All(rows, row => Assert.Matches(@"^[A-Za-z].*[^.]\.$", row.Cure));
        Assert.Equal(FailureTable.Failures.Select(row => row.Code).Distinct().Count(), FailureTable.Failures.Count);
        Assert.Equal(FailureTable.Notices.Select(row => row.Code).Order(StringComparer.Ordinal), FailureTable.Notices.Select(row => row.Code));
    }

    [Fact]
    public void The_page_of_errors_is_made_from_the_table() => Golden.Check("../../docs/errors.md", ErrorPages.Markdown());

    [Fact]
    public void The_help_topic_of_errors_is_made_from_the_table()
    {
        var topic = ErrorPages.Topic();
        Assert.All(topic.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Golden.Check("../../module/en-US/about_NasSync_Errors.help.txt", topic);
    }
}
