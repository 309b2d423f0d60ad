using System.Collections.ObjectModel;
using System.Text.Json;

namespace NasSync;

/// <summary>Foreign JSON as plain values, which scripts can count with and every serializer writes as what they are.</summary>
internal static class PlainJson
{
    /// <summary>Each field's value.</summary>
    public static IReadOnlyDictionary<string, object?> Of(IReadOnlyDictionary<string, JsonElement> fields) => fields.Count == 0
        ? ReadOnlyDictionary<string, object?>.Empty
        : new ReadOnlyDictionary<string, object?>(fields.ToDictionary(field => field.Key, field => Of(field.Value), StringComparer.Ordinal));

    // Half of a surrogate pair is no text: what has one stays as it was written.
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

    // A name that stands twice counts as it does for most readers: the last one.
    private static Dictionary<string, object?> Members(JsonElement value)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject()) members[member.Name] = Of(member.Value);
        return members;
    }

    // Exactly where a type of the platform can: a number that none holds is its text.
    private static object Number(JsonElement value)
    {
        if (value.TryGetInt64(out var whole)) return whole;
        var text = value.GetRawText();
        if (!text.AsSpan().ContainsAny('.', 'e', 'E') && value.TryGetDecimal(out var large)) return large;
        return value.TryGetDouble(out var real) && double.IsFinite(real) ? real : text;
    }
}
