using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NasSync.Routing;
using NasSync.Tests.Support;

namespace NasSync.Tests.Routing;

public sealed class SafeNameTests
{
    [Theory]
    [InlineData("Northern Line", "Northern Line")]
    [InlineData("AC/DC", "AC_DC")]
    [InlineData("a\\b", "a_b")]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData("line\nbreak\ttab\u001b[31m\0\u007f\u0085\u2028", "line_break_tab_[31m____")]
    [InlineData("What? \"A:b\" <*>|", "What? \"A:b\" <*>|")]
    [InlineData("CON", "CON")]
    [InlineData("AC／DC", "AC／DC")]
    [InlineData("  both  ", "  both  ")]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("   ", null)]
    [InlineData("..", null)]
    [InlineData(". . .", null)]
    public void A_value_keeps_all_but_what_breaks_paths_everywhere(string? value, string? expected) => Assert.Equal(expected, SafeName.Part(value));

    // Not in the table above: an attribute cannot hold half a character.
    [Fact]
    public void Half_a_character_becomes_the_sign_for_an_unknown_one() => Assert.Equal("\ufffdx", SafeName.Part("\ud800x"));

    [Theory]
    [InlineData("Paper Moons", "Paper Moons")]
    [InlineData(" Paper Moons ", "Paper Moons")]
    [InlineData("R.E.M.", "R.E.M")]
    [InlineData("wait . . .", "wait")]
    [InlineData("...And Justice", "...And Justice")]
    [InlineData(".hidden", ".hidden")]
    [InlineData("..", "unknown")]
    [InlineData(" . ", "unknown")]
    [InlineData("", "unknown")]
    [InlineData("\u00a0x\u3000", "x")]
    [InlineData("C:", "C_")]
    [InlineData(".\u200b.", "._")]
    [InlineData("..⁄x", ".._x")]
    [InlineData("%2fetc", "_2fetc")]
    [InlineData("1⁄2 ∕ 3", "1⁄2 ∕ 3")]
    [InlineData("CD: The Film", "CD: The Film")]
    [InlineData("%2e%2e", "_2e_2e")]
    [InlineData("100% pure", "100% pure")]
    [InlineData("．．", "__")]
    [InlineData("‥", "_")]
    [InlineData("..／x", ".._x")]
    [InlineData("%c0%ae%c0%ae", "_c0_ae_c0_ae")]
    [InlineData("-rf", "-rf")]
    public void A_component_is_never_a_way_out_and_otherwise_faithful(string text, string expected)
    {
        Assert.Equal(expected, SafeName.Component(text, isFile: false));
        Assert.Equal(expected, RelativePath.Parse(expected).Value);
    }

    [Fact]
    public void A_long_file_name_is_cut_to_255_bytes_and_keeps_its_extension()
    {
        var name = SafeName.Component(new string('ä', 200) + ".m4a", isFile: true);
        Assert.Equal(new string('ä', 125) + ".m4a", name);
        Assert.Equal(254, Encoding.UTF8.GetByteCount(name));
    }

    [Theory]
    [InlineData("e\u0301", 3)] // é of two code points
    [InlineData("👩‍👩‍👧", 18)] // a family of five code points
    [InlineData("🇩🇪", 8)]
    public void A_cut_does_not_split_what_people_see_as_one_character(string character, int bytes)
    {
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(character));
        var name = SafeName.Component(string.Concat(Enumerable.Repeat(character, 100)), isFile: false);
        Assert.Equal(string.Concat(Enumerable.Repeat(character, 255 / bytes)), name);
    }

    [Fact]
    public void One_character_longer_than_a_name_is_cut_inside()
    {
        var name = SafeName.Component("z" + new string('\u0301', 400), isFile: false);
        Assert.Equal("z" + new string('\u0301', 127), name);
    }

    [Theory]
    [InlineData("song.m4a", ".m4a")]
    [InlineData("archive.tar.gz", ".gz")]
    [InlineData("none", "")]
    [InlineData(".hidden", "")]
    [InlineData("ends.", "")]
    [InlineData("Mr. Somebody goes to town", "")]
    [InlineData("x.averyveryverylongextension", "")]
    public void An_extension_is_what_tells_the_type(string name, string expected) => Assert.Equal(expected, SafeName.Extension(name));

    [Fact]
    public void A_cut_that_ends_in_spaces_or_dots_loses_them()
    {
        var text = new string('x', 250) + ". . . . . . . ." + new string('y', 20);
        Assert.Equal(new string('x', 250), SafeName.Component(text, isFile: false));
        Assert.Equal(new string('x', 250) + ".ext", SafeName.Component(text + ".ext", isFile: true));
    }

    [Fact]
    public void Any_text_becomes_one_safe_component() => Check.One(
        SameEachTime.Tries(2000),
        Prop.ForAll(
            NastyText.Any,
            text =>
            {
                foreach (var isFile in new[] { false, true })
                {
                    var name = SafeName.Component(SafeName.Part(text) ?? "", isFile);
                    Assert.Single(RelativePath.Parse(name).Components);
                    Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, SafeName.MaxBytes);
                    Assert.DoesNotContain(name, char.IsControl);
                    Assert.False(char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) || name[^1] == '.', name);
                    Assert.Equal(name, SafeName.Component(name, isFile));
                }
            }));
}
