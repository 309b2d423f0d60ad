using System.Collections.ObjectModel;
using System.Text.Json;

namespace NasSync;

/// <summary>Converts JSON to plain values, which scripts can compute with and serializers write with their type.</summary>
internal static class PlainJson
{
    /// <summary>The value of each field.</summary>
    public static IReadOnlyDictionary<string, object?> Of(IReadOnlyDictionary<string, JsonElement> fields) => fields.Count == 0
        ? ReadOnlyDictionary<string, object?>.Empty
        : new ReadOnlyDictionary<string, object?>(fields.ToDictionary(field => field.Key, field => Of(field.Value), StringComparer.Ordinal));

    // A lone surrogate is not valid text; a value that contains one stays as raw JSON.
    private static object? Of(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => Number(value),
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Array => value.EnumerateArray().Select(Of).ToArray(),
                JsonValueKind.Object => Members(value),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }

    // A duplicate name counts like for most readers: the last value wins.
    private static Dictionary<string, object?> Members(JsonElement value)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject()) members[member.Name] = Of(member.Value);
        return members;
    }

    // Exact where a platform type can represent the number; otherwise its text.
    private static object Number(JsonElement value)
    {
        if (value.TryGetInt64(out var whole)) return whole;
        var text = value.GetRawText();
        if (!text.AsSpan().ContainsAny('.', 'e', 'E') && value.TryGetDecimal(out var large)) return large;
        return value.TryGetDouble(out var real) && double.IsFinite(real) ? real : text;
    }
}
