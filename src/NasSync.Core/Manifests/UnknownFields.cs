using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NasSync.Manifests;

/// <summary>Keeps the unknown fields of an object, so that a round trip does not lose them.</summary>
internal sealed class UnknownFields(int maxDepth) : IDisposable
{
    public static IReadOnlyDictionary<string, JsonElement> None { get; } = new Dictionary<string, JsonElement>();

    private ArrayBufferWriter<byte>? _json;
    private Utf8JsonWriter? _writer;
    private bool _any;

    /// <summary>Begins a field; <see cref="Add"/> supplies its value.</summary>
    public void Name(string name)
    {
        if (_writer is null)
        {
            _json = new ArrayBufferWriter<byte>();
            _writer = new Utf8JsonWriter(_json, new JsonWriterOptions
            {
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                MaxDepth = maxDepth + 1,
                SkipValidation = true,
            });
        }

        if (!_any) _writer.WriteStartObject();
        _any = true;
        _writer.WritePropertyName(name);
    }

    /// <summary>Adds the current token.</summary>
    public void Add(TokenStream tokens)
    {
        switch (tokens.Type)
        {
            case JsonTokenType.StartObject: _writer!.WriteStartObject(); break;
            case JsonTokenType.EndObject: _writer!.WriteEndObject(); break;
            case JsonTokenType.StartArray: _writer!.WriteStartArray(); break;
            case JsonTokenType.EndArray: _writer!.WriteEndArray(); break;
            case JsonTokenType.PropertyName: _writer!.WritePropertyName(tokens.Text); break;
            case JsonTokenType.String: _writer!.WriteStringValue(tokens.Text); break;
            default: _writer!.WriteRawValue(tokens.Raw, skipInputValidation: true); break;
        }
    }

    /// <summary>All fields since the last call. They share one document, because a separate one for each would take many times their size.</summary>
    public IReadOnlyDictionary<string, JsonElement> Take()
    {
        if (!_any) return None;
        _writer!.WriteEndObject();
        _writer.Flush();
        var reader = new Utf8JsonReader(_json!.WrittenSpan, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
        var fields = new Dictionary<string, JsonElement>();
        foreach (var field in JsonElement.ParseValue(ref reader).EnumerateObject()) fields.Add(field.Name, field.Value);
        _json.ResetWrittenCount();
        _writer.Reset();
        _any = false;
        return fields;
    }

    public void Dispose() => _writer?.Dispose();
}
