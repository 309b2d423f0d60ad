using FsCheck;
using FsCheck.Fluent;
using NasSync.Templates;

namespace NasSync.Tests.Templates;

public sealed class PathTemplateTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("/mnt/nas", "/mnt/nas")]
    [InlineData("${artist}", "<artist>")]
    [InlineData("${remoteRoots.audio}/Instrumental", "<remoteRoots|audio>/Instrumental")]
    [InlineData("${artist} - ${title} (${label})${ext}", "<artist> - <title> (<label>)<ext>")]
    [InlineData("${processedAt}", "<processedAt|yyyy-MM-dd>")]
    [InlineData("${processedAt:yyyy-MM}/x", "<processedAt|yyyy-MM>/x")]
    [InlineData("${processedAt:HH:mm}", "<processedAt|HH:mm>")]
    [InlineData("${processedAt:yyyyMMddTHHmmssZ}", "<processedAt|yyyyMMddTHHmmssZ>")]
    [InlineData("${processedAt:yyyy-'week'-ddd}", "<processedAt|yyyy-'week'-ddd>")]
    [InlineData("${processedAt:yyyy\\Wdd\"Q\"}", "<processedAt|yyyy\\Wdd\"Q\">")]
    [InlineData("${processedAt:HH}/${processedAt:mm}", "<processedAt|HH>/<processedAt|mm>")]
    [InlineData("${processedAt:%M}", "<processedAt|%M>")]
    [InlineData("${processedAt:s}", "<processedAt|s>")]
    [InlineData("${processedAt:ddMMM yyyy HH.mm.ss.fff tt zzz K g}", "<processedAt|ddMMM yyyy HH.mm.ss.fff tt zzz K g>")]
    [InlineData("$${artist}", "${artist}")]
    [InlineData("$$${artist}", "$${artist}")]
    [InlineData("a$b$", "a$b$")]
    [InlineData("100$$ {x}", "100$$ {x}")]
    [InlineData("a}b", "a}b")]
    public void A_template_expands(string text, string expected)
    {
        Assert.True(PathTemplate.TryParse(text, out var template, out var problem));
        Assert.Null(problem);
        Assert.Equal(text, template.Text);
        Assert.Equal(expected, template.Expand(p => p.Argument is null ? $"<{p.Name}>" : $"<{p.Name}|{p.Argument}>"));
    }

    [Theory]
    [InlineData("${artst}", 2, "There is no placeholder 'artst'; did you mean 'artist'?")]
    [InlineData("x/${Artist}", 4, "There is no placeholder 'Artist'; did you mean 'artist'?")]
    [InlineData("${job_id}", 2, "There is no placeholder 'job_id'; did you mean 'jobId'?")]
    [InlineData("${ artist }", 2, "There is no placeholder ' artist '; did you mean 'artist'?")]
    [InlineData("${remoteRoot.audio}", 2, "There is no placeholder 'remoteRoot'; did you mean 'remoteRoots'?")]
    [InlineData(
        "${q}",
        2,
        "There is no placeholder 'q'; known are remoteRoots, artist, album, title, jobId, sourceType, kind, variant, label, fileName, name, ext, "
            + "codec, container and processedAt.")]
    [InlineData("${}", 0, "A placeholder has no name; write for example '${artist}'.")]
    [InlineData("ab${artist", 2, "'${' is not closed; add '}', or write '$${' for a literal '${'.")]
    [InlineData("${artist/${title}", 0, "'${' is not closed; add '}', or write '$${' for a literal '${'.")]
    [InlineData("${title:yyyy}", 7, "'title' takes no format; remove ':yyyy'.")]
    [InlineData("${title.x}", 7, "'title' has no parts; remove '.x'.")]
    [InlineData("${processedAt.year}", 13, "'processedAt' has no parts; remove '.year'.")]
    [InlineData("${processedAt:}", 14, "The date format is empty; write for example '${processedAt:yyyy-MM}', or remove ':'.")]
    [InlineData(
        "${processedAt:YYYY-MM-DD}",
        14,
        "'Y' and 'D' are no specifiers of a date format and would stand in the name as they are; did you mean 'yyyy-MM-dd'?")]
    [InlineData(
        "${processedAt:YYYY-mm-DD}",
        14,
        "'Y' and 'D' are no specifiers of a date format and would stand in the name as they are; did you mean 'yyyy-MM-dd'?")]
    [InlineData(
        "${processedAt:yyyy-MM-DD}",
        22,
        "'D' is no specifier of a date format and would stand in the name as it is; did you mean 'yyyy-MM-dd'?")]
    [InlineData(
        "${processedAt:yyyy-Www}",
        19,
        "'W' and 'w' are no specifiers of a date format and would stand in the name as they are; write for example 'yyyy-MM-dd'. "
            + "What is to stand there goes into quotes: \"'text'\".")]
    [InlineData(
        "${processedAt:yyyy-Qk}",
        19,
        "'Q' and 'k' are no specifiers of a date format and would stand in the name as they are; write for example 'yyyy-MM-dd'. "
            + "What is to stand there goes into quotes: \"'text'\".")]
    [InlineData(
        "${processedAt:Q}",
        14,
        "'Q' is no specifier of a date format and would stand in the name as it is; write for example 'yyyy-MM-dd'. "
            + "What is to stand there goes into quotes: \"'text'\".")]
    [InlineData("${processedAt:yyyy-mm}", 19, "In 'yyyy-mm' 'mm' is minutes, and no hour stands beside them; for the month write 'yyyy-MM'.")]
    [InlineData("${processedAt:ddmmyy}", 16, "In 'ddmmyy' 'mm' is minutes, and no hour stands beside them; for the month write 'ddMMyy'.")]
    [InlineData("${processedAt:yyyy}/${processedAt:mm}", 20, "In 'mm' 'mm' is minutes, and no hour stands beside them; for the month write 'MM'.")]
    [InlineData(
        "${processedAt:yyyy-mm}/${processedAt:HH}",
        19,
        "In 'yyyy-mm' 'mm' is minutes, and no hour stands beside them; for the month write 'yyyy-MM'.")]
    [InlineData("${processedAt:HH-MM}", 17, "In 'HH-MM' 'MM' is the month, and it stands behind the hour; for minutes write 'mm'.")]
    [InlineData("${processedAt:M}", 14, "One letter alone is a whole date of its own, here 'January 01'; write 'MM'.")]
    [InlineData("${processedAt:y}", 14, "One letter alone is a whole date of its own, here '1970 January'; write 'yyyy'.")]
    [InlineData("${processedAt:%}", 14, "'%' is no date format; write for example 'yyyy-MM-dd'.")]
    [InlineData(
        "${processedAt:yyyy/MM}",
        18,
        "A date format cannot contain '/'; use two placeholders, such as '${processedAt:yyyy}/${processedAt:MM}'.")]
    [InlineData("${processedAt:d}", 14, "A date format cannot contain '/'; use two placeholders, such as '${processedAt:yyyy}/${processedAt:MM}'.")]
    [InlineData("${remoteRoots}", 13, "'remoteRoots' needs a key; write for example '${remoteRoots.audio}'.")]
    [InlineData("${remoteRoots.}", 13, "'remoteRoots' needs a key; write for example '${remoteRoots.audio}'.")]
    [InlineData("${remoteRoots:audio}", 13, "'remoteRoots' needs a key; write for example '${remoteRoots.audio}'.")]
    [InlineData("${remoteRoots.a/b}", 14, "'a/b' cannot be a key of remoteRoots; use letters, digits, '_' and '-' only.")]
    public void A_mistake_is_named_with_its_place_and_cure(string text, int offset, string message)
    {
        Assert.False(PathTemplate.TryParse(text, out var template, out var problem));
        Assert.Null(template);
        Assert.Equal(new TemplateProblem(offset, message), problem);
    }

    [Fact]
    public void Every_known_placeholder_prints_as_it_is_written()
    {
        foreach (var name in Placeholder.Known)
        {
            var text = name == Placeholder.RemoteRoots ? "${remoteRoots.audio}" : $"${{{name}}}";
            Assert.True(PathTemplate.TryParse(text, out var template, out _));
            Assert.Equal(text, Assert.Single(template.Placeholders).ToString());
        }
    }

    [Fact]
    public void A_value_that_is_not_there_leaves_a_gap()
    {
        Assert.True(PathTemplate.TryParse("a${label}b", out var template, out _));
        Assert.Equal("ab", template.Expand(_ => null));
    }

    [Fact]
    public void Any_text_can_be_written_as_a_literal() =>
        Prop.ForAll<NonNull<string>>(text =>
        {
            var escaped = text.Get.Replace("${", "$${", StringComparison.Ordinal);
            return PathTemplate.TryParse(escaped, out var template, out _) && template.Expand(_ => "?") == text.Get;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_either_a_template_or_a_problem_inside_it()
    {
        var piece = Gen.Elements("$", "${", "$${", "}", "{", ".", ":", "/", "artist", "remoteRoots", "processedAt", "yyyy", "a", "%", "é");
        var text = Gen.ArrayOf(piece).Select(string.Concat).ToArbitrary();
        Prop.ForAll(text, value =>
            PathTemplate.TryParse(value, out var template, out var problem)
                ? template.Text == value && problem is null
                : problem.Offset >= 0 && problem.Offset <= value.Length && problem.Message.Length > 0).QuickCheckThrowOnFailure();
    }
}
