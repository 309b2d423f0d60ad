using System.Text;
using System.Text.Json;

namespace NasSync.Config.Reading;

/// <summary>Parses the JSON value of a variable into nodes with their positions.</summary>
internal ref struct JsonComposer
{
    // Comments and trailing commas are allowed, because people maintain these lists by hand.
    private static readonly JsonReaderOptions AsPeopleWrite = new()
    {
        MaxDepth = 32,
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private readonly ProblemList _problems;
    private readonly string _variable;
    private readonly byte[] _bytes;
    private Utf8JsonReader _reader;
    private long _seen;
    private int _line = 1;
    private int _column = 1;

    private JsonComposer(string variable, byte[] bytes, ProblemList problems)
    {
        (_variable, _bytes, _problems) = (variable, bytes, problems);
        _reader = new Utf8JsonReader(bytes, AsPeopleWrite);
    }

    /// <summary>Parses a text; returns null and reports a problem when it is not JSON.</summary>
    public static Node? Compose(string variable, string text, ProblemList problems)
    {
        var composer = new JsonComposer(variable, Encoding.UTF8.GetBytes(text), problems);
        try
        {
            composer._reader.Read();
            var node = composer.Next();
            composer._reader.Read();
            return node;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var json = e as JsonException;
            var place = new Place(Place.Environment, (int)(json?.LineNumber ?? 0) + 1, (int)(json?.BytePositionInLine ?? 0) + 1);
            problems.Error(place, variable, "This is no JSON; write a list such as [{\"kind\":\"audio\",\"to\":\"/mnt/nas\"}].");
            return null;
        }
    }

    private Node Next()
    {
        var place = Here();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartArray:
                var items = new List<Node>();
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray) items.Add(Next());
                return new ListNode(place, items);
            case JsonTokenType.StartObject:
                return new MapNode(place, Entries());
            default:
                var raw = Encoding.UTF8.GetString(_bytes.AsSpan(
                    (int)_reader.TokenStartIndex,
                    (int)(_reader.BytesConsumed - _reader.TokenStartIndex)));
                return new ScalarNode(place, _reader.TokenType == JsonTokenType.String ? _reader.GetString()! : raw, raw);
        }
    }

    private List<MapEntry> Entries()
    {
        var entries = new List<MapEntry>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var place = Here();
            var key = _reader.GetString()!;
            _reader.Read();
            var value = Next();
            if (entries.Exists(entry => entry.Key == key)) _problems.Error(place, _variable, $"'{key}' stands here twice; remove one.");
            else entries.Add(new(key, place, value));
        }

        return entries;
    }

    // Tokens come in order, so each byte is counted once. UTF-8 continuation bytes do not count as columns.
    private Place Here()
    {
        for (; _seen < _reader.TokenStartIndex; _seen++)
        {
            var b = _bytes[_seen];
            if (b == '\n') (_line, _column) = (_line + 1, 1);
            else if ((b & 0xC0) != 0x80) _column++;
        }

        return new(Place.Environment, _line, _column);
    }
}
