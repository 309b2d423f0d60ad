using System.Buffers;
using System.Text;
using System.Text.Json;

namespace NasSync.Manifests;

/// <summary>
/// Explains a JSON syntax error in plain words. The file may be anything, such as a key or a password that someone linked as a manifest, so no
/// character of it is repeated: a few known words are named, everything else is described by its type and position.
/// </summary>
internal static class JsonMistake
{
    private static readonly SearchValues<byte> WordEnds = SearchValues.Create(" \t\r\n,]}\":"u8);

    // Words of other languages that JSON does not have.
    private static readonly (string Word, string What, string Hint)[] KnownWords =
    [
        ("NaN", "'NaN' is no JSON number", "Leave the field out when there is no number."),
        ("nan", "'nan' is no JSON number", "Leave the field out when there is no number."),
        ("Infinity", "'Infinity' is no JSON number", "Leave the field out when there is no number."),
        ("-Infinity", "'-Infinity' is no JSON number", "Leave the field out when there is no number."),
        ("True", "'True' is no JSON value", "Write true and false in lower case."),
        ("False", "'False' is no JSON value", "Write true and false in lower case."),
        ("None", "'None' is no JSON value", "Write null."),
        ("undefined", "'undefined' is no JSON value", "Write null, or leave the field out."),
    ];

    // The parser's messages, recognized by a part of their text; the first match counts.
    private static readonly (string Complaint, string What)[] Complaints =
    [
        ("within a JSON string", "a string holds a line break, another control character or an escape that JSON does not have"),
        ("end of a number", "a number is written in a way that JSON does not have"),
        ("within a number", "a number is written in a way that JSON does not have"),
        ("leading zero", "a number begins with a zero"),
        ("start of a property name", "the name of a field, in double quotes, was expected here"),
        ("after a property name", "a colon was expected here"),
        ("invalid after a value", "a comma or a closing bracket was expected here"),
        ("without a matching open", "a closing bracket does not fit the opening one"),
        ("JSON literal", "a word stands here that JSON does not have"),
        ("start of a value", "a value was expected here"),
    ];

    /// <summary>The mistake and its cure, from the parser's exception and the text at its position.</summary>
    public static (string What, string Hint) Explain(JsonException mistake, ReadOnlySpan<byte> at)
    {
        var message = mistake.Message;
        if (message.Contains("trailing comma", StringComparison.Ordinal))
            return ("A comma is followed by nothing", "Remove the comma before the closing bracket.");
        if (message.Contains("after a single JSON value", StringComparison.Ordinal))
            return ($"{Capital(Kind(at))} follows the end of the manifest", "Remove what follows the last closing brace.");
        var word = Word(at);
        foreach (var known in KnownWords)
            if (Ascii.Equals(word, known.Word)) return (known.What, known.Hint);
        return at switch
        {
            [(byte)'/', ..] or [(byte)'#', ..] => ("A comment stands here, and JSON has none", "Remove the comment."),
            [(byte)'\'', ..] => ("Single quotes stand here", "Put strings into double quotes."),
            [0, ..] => ("A NUL byte stands here", "The file was damaged; let the producer write it again."),
            _ => ($"This is not valid JSON: {Complaint(message)}", ManifestFailure.AskProducer),
        };
    }

    /// <summary>Describes the beginning of a text for a message without repeating it.</summary>
    public static string Kind(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return "the end of the file";
        if (text[0] == 0) return "a NUL byte";
        if (Rune.DecodeFromUtf8(text, out var first, out _) != OperationStatus.Done) return "a byte that is not UTF-8";
        return first.Value switch
        {
            '[' => "a list",
            '{' => "another object",
            '"' => "a string",
            _ when Rune.IsControl(first) => "a control character",
            _ when Rune.IsDigit(first) || first.Value == '-' => "a number",
            _ when Rune.IsLetter(first) => "a word",
            _ => "a character that begins no JSON",
        };
    }

    /// <summary>The length of the valid UTF-8 at the beginning, in bytes.</summary>
    public static int ValidLength(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out var length) == OperationStatus.Done) at += length;
        return at;
    }

    private static ReadOnlySpan<byte> Word(ReadOnlySpan<byte> text) => text.IndexOfAny(WordEnds) is >= 0 and var end ? text[..end] : text;

    private static string Complaint(string message)
    {
        foreach (var (complaint, what) in Complaints)
            if (message.Contains(complaint, StringComparison.Ordinal)) return what;
        return "something stands here that JSON does not have";
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
