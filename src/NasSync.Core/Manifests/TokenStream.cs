using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace NasSync.Manifests;

/// <summary>
/// Reads JSON tokens from a stream one at a time, with their positions. Buffers no more of the file than the current token needs, hashes all bytes,
/// and refuses what is too large, not UTF-8 or not JSON.
/// </summary>
internal sealed class TokenStream : IDisposable
{
    private const int FirstBuffer = 16 * 1024;
    private const int Words = 32;
    private const string WriteUtf8 = "Write the manifest as UTF-8.";

    private readonly Stream _stream;
    private readonly string _path;
    private readonly ManifestLimits _limits;
    private readonly CancellationToken _cancellationToken;
    private readonly string?[] _words = new string?[Words];
    private IncrementalHash? _hash;
    private byte[]? _digest;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private JsonReaderState _state;
    private int _start;
    private int _end;
    private long _total;
    private bool _ended;
    private int _values;

    // The end of the counted part: its offset in the buffer, its position, and the number of bytes before it on its line.
    private int _counted;
    private TextPosition _place = TextPosition.Start;
    private long _lineBytes;

    // The position of the current token, once requested, and its offset in the buffer.
    private TextPosition? _position = TextPosition.Start;
    private int _tokenAt;

    private int _valueStart;
    private int _valueLength;
    private string? _text;

    public TokenStream(Stream stream, string path, ManifestLimits limits, CancellationToken cancellationToken)
    {
        _stream = stream;
        _path = path;
        _limits = limits;
        _cancellationToken = cancellationToken;
        // One more than the limit, so that this class detects the excess before the reader does, and can report its position.
        _state = new JsonReaderState(new JsonReaderOptions { MaxDepth = limits.MaxDepth + 1 });
    }

    /// <summary>The type of the current token.</summary>
    public JsonTokenType Type { get; private set; }

    /// <summary>The position of the current token; computed on demand.</summary>
    public TextPosition Position
    {
        get
        {
            if (_position is { } known) return known;
            CountTo(_tokenAt);
            return (_position = _place).Value;
        }
    }

    /// <summary>The token's bytes as written, without the quotes of a string; valid until the next token.</summary>
    public ReadOnlySpan<byte> Raw => _buffer.AsSpan(_valueStart, _valueLength);

    /// <summary>A string or field name with its escapes resolved; any other token as written.</summary>
    public string Text => _text ??= Word(Raw);

    /// <summary>The size of the buffer, which only grows, in bytes.</summary>
    public int BufferSize => _buffer.Length;

    /// <summary>Checks the first bytes: skips a byte order mark, refuses other encodings and anything but an object.</summary>
    public void Begin()
    {
        Fill();
        var head = _buffer.AsSpan(0, _end);
        if (head.StartsWith("\uFEFF"u8)) _counted = _start = 3;
        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, ..] or [not 0, 0, ..])
            throw ManifestFailure.Invalid(_path, TextPosition.Start, "The manifest is not UTF-8 (it looks like UTF-16)", WriteUtf8);

        var text = head[_start..];
        var first = text.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0 && _ended) throw Incomplete(text.IsEmpty ? "The manifest is empty" : "The manifest holds nothing but white space");
        if (first < 0 || text[first] == '{') return;
        throw ManifestFailure.Invalid(
            _path, _place.After(text[..first]), $"The manifest is not a JSON object; it begins with {JsonMistake.Kind(text[first..])}");
    }

    /// <summary>Reads the next token.</summary>
    /// <exception cref="FailureException">The file ends here, or is invalid.</exception>
    public JsonTokenType Next() => TryNext() ? Type : throw Incomplete("The manifest ends before its JSON is complete");

    /// <summary>Checks that only white space follows; returns the SHA-256 of all bytes, lower-case hex.</summary>
    public string End()
    {
        if (TryNext()) throw Invalid("Something follows the end of the manifest");
        return Convert.ToHexString(_digest ?? _hash!.GetHashAndReset()).ToLowerInvariant();
    }

    /// <summary>A failure at the current token.</summary>
    public FailureException Invalid(string what, string hint = ManifestFailure.AskProducer) =>
        ManifestFailure.Invalid(_path, Position, what, hint);

    public void Dispose()
    {
        _hash?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool TryNext()
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), isFinalBlock: false, _state);
            bool found;
            try
            {
                found = reader.Read();
            }
            catch (JsonException mistake)
            {
                throw Refuse(mistake);
            }

            if (found)
            {
                Take(ref reader);
                return true;
            }

            _state = reader.CurrentState;
            _start += (int)reader.BytesConsumed;
            if (!Fill()) return false;
        }
    }

    private void Take(ref Utf8JsonReader reader)
    {
        _tokenAt = _start + (int)reader.TokenStartIndex;
        _position = null;
        Type = reader.TokenType;
        _text = null;
        var quote = Type is JsonTokenType.String or JsonTokenType.PropertyName ? 1 : 0;
        _valueStart = _start + (int)reader.TokenStartIndex + quote;
        _valueLength = reader.ValueSpan.Length;
        if (quote == 1) CheckText(ref reader);
        if (Type is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= _limits.MaxDepth)
            throw TooLarge(Position, $"The manifest is nested more than {_limits.MaxDepth} deep");
        if (Type is not (JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray) && ++_values > _limits.MaxValues)
            throw TooLarge(Position, $"The manifest holds more than {_limits.MaxValues:N0} values");
        _state = reader.CurrentState;
        _start += (int)reader.BytesConsumed;
    }

    // Utf8JsonReader validates a string only when its text is requested, so strings in unknown fields would go unchecked.
    private void CheckText(ref Utf8JsonReader reader)
    {
        if (!Utf8.IsValid(Raw))
        {
            var at = Position.After("\""u8).After(Raw[..JsonMistake.ValidLength(Raw)]);
            throw ManifestFailure.Invalid(_path, at, "A string is not valid UTF-8", WriteUtf8);
        }

        if (!reader.ValueIsEscaped) return;
        try
        {
            _text = reader.GetString();
        }
        catch (InvalidOperationException)
        {
            throw Invalid("A string is not valid Unicode (half of a surrogate pair)");
        }
    }

    private bool Fill()
    {
        if (_ended) return false;
        _ = Position;
        CountTo(_start);
        var kept = _end - _start;
        MakeRoom(kept);
        while (_end < _buffer.Length)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                _ended = true;
                break;
            }

            _end += read;
            _total += read;
            if (_total > _limits.MaxBytes) throw TooLarge(_place, $"The manifest has more than {_limits.MaxBytes:N0} bytes");
        }

        Hash(_buffer.AsSpan(kept, _end - kept));
        return _end > kept;
    }

    // Nearly every manifest arrives in one piece, which needs no incremental hash.
    private void Hash(ReadOnlySpan<byte> piece)
    {
        if (_ended && _hash is null)
        {
            _digest = SHA256.HashData(piece);
            return;
        }

        _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _hash.AppendData(piece);
    }

    // Artifacts repeat the same names and kinds, so equal texts share one string from a small cache.
    private string Word(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty) return "";
        ref var known = ref _words[(raw.Length * 7 + raw[0] + raw[^1] * 3) % Words];
        if (known is not null && known.Length == raw.Length && Ascii.Equals(raw, known)) return known;
        return known = Encoding.UTF8.GetString(raw);
    }

    // Doubles the buffer when a token fills half of it, so that a long token is scanned only a few times.
    private void MakeRoom(int kept)
    {
        var from = _buffer;
        if (kept > _buffer.Length / 2) _buffer = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        from.AsSpan(_start, kept).CopyTo(_buffer);
        if (from != _buffer) ArrayPool<byte>.Shared.Return(from);
        _start = 0;
        _counted = 0;
        _end = kept;
    }

    private void CountTo(int offset)
    {
        if (offset <= _counted) return;
        var passed = _buffer.AsSpan(_counted, offset - _counted);
        var newline = passed.LastIndexOf((byte)'\n');
        _lineBytes = newline < 0 ? _lineBytes + passed.Length : passed.Length - newline - 1;
        _place = _place.After(passed);
        _counted = offset;
    }

    private FailureException TooLarge(TextPosition at, FormattableString what) =>
        ManifestFailure.TooLarge(_path, at, FormattableString.Invariant(what));

    private FailureException Incomplete(string what)
    {
        CountTo(_end);
        return ManifestFailure.Incomplete(_path, _place, what);
    }

    // The reader reports line and byte offset; messages count characters.
    private FailureException Refuse(JsonException mistake)
    {
        var rest = _buffer.AsSpan(_counted, _end - _counted);
        var at = 0;
        for (var line = _place.Line; line <= (mistake.LineNumber ?? 0); line++)
            at += rest[at..].IndexOf((byte)'\n') + 1;
        var skipped = (mistake.BytePositionInLine ?? 0) - (at == 0 ? _lineBytes : 0);
        at = (int)Math.Clamp(at + skipped, 0, rest.Length);
        var (what, hint) = JsonMistake.Explain(mistake, rest[at..]);
        return ManifestFailure.Invalid(_path, _place.After(rest[..at]), what, hint);
    }
}
