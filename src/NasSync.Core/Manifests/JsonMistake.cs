using System.Buffers;
using System.Text;
using System.Text.Json;

namespace NasSync.Manifests;

/// <summary>Says in plain words what is wrong with a piece of JSON.</summary>
internal static class JsonMistake
{
    private static readonly SearchValues<byte> WordEnds = SearchValues.Create(" \t\r\n,]}\":"u8);

    /// <summary>What is wrong and what cures it, from the reader's complaint and the text it points at.</summary>
    public static (string What, string Hint) Explain(JsonException mistake, ReadOnlySpan<byte> at)
    {
        var message = mistake.Message;
        if (message.Contains("trailing comma", StringComparison.Ordinal))
            return ("A comma is followed by nothing", "Remove the comma before the closing bracket.");
        if (message.Contains("after a single JSON value", StringComparison.Ordinal))
            return ($"{Capital(Show(at))} follows the end of the manifest", "Remove what follows the last closing brace.");
        return at switch
        {
            [(byte)'/', ..] or [(byte)'#', ..] => ("A comment stands here, and JSON has none", "Remove the comment."),
            [(byte)'\'', ..] => ("Single quotes stand here", "Put strings into double quotes."),
            [(byte)'N', ..] or [(byte)'I', ..] or [(byte)'-', (byte)'I', ..] =>
                ($"{Capital(Show(at))} is no JSON number", "Leave the field out when there is no number."),
            [(byte)'T', ..] or [(byte)'F', ..] => ($"{Capital(Show(at))} is no JSON value", "Write true and false in lower case."),
            [0, ..] => ("A NUL byte stands here", "The file was damaged; let the producer write it anew."),
            _ => ($"This is not valid JSON: {Sentence(message)}", ManifestFailure.AskProducer),
        };
    }

    /// <summary>The first word or character of a text, quoted, for a message.</summary>
    public static string Show(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return "the end of the file";
        var length = text[..Math.Min(text.Length, 20)].IndexOfAny(WordEnds);
        var word = text[..(length > 0 ? length : Math.Min(text.Length, length == 0 ? 1 : 20))];
        if (Rune.DecodeFromUtf8(word, out var first, out _) != OperationStatus.Done) return $"the byte 0x{word[0]:X2}";
        if (Rune.IsControl(first)) return $"the character U+{first.Value:X4}";
        return Failure.Quote(Encoding.UTF8.GetString(word[..ValidLength(word)]));
    }

    /// <summary>How many bytes at the beginning are valid UTF-8.</summary>
    public static int ValidLength(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out var length) == OperationStatus.Done) at += length;
        return at;
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    // It repeats a piece of the text as it stands there, line breaks and all.
    private static string Sentence(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return Failure.Quote((end < 0 ? message : message[..end]).TrimEnd('.').Replace("Change the reader options", "", StringComparison.Ordinal))[1..^1];
    }
}
