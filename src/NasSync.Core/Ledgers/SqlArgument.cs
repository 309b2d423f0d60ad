using System.Data;

namespace NasSync.Ledgers;

/// <summary>A value for <c>@name</c> in a statement. The schema has only texts and integers; a null carries its column's type too.</summary>
internal readonly record struct SqlArgument(string Name, DbType Type, object? Value)
{
    public static implicit operator SqlArgument((string Name, string? Value) text) => new(text.Name, DbType.String, text.Value);

    public static implicit operator SqlArgument((string Name, long? Value) number) => new(number.Name, DbType.Int64, number.Value);
}
