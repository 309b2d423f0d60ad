namespace NasSync.Config.Reading;

/// <summary>A position: the file as named, or <see cref="Environment"/>, with line and column from 1, or 0 for none.</summary>
internal readonly record struct Place(string Source, int Line, int Column)
{
    public const string Environment = "environment";
}

/// <summary>Where a setting was set, and its name there: <c>nasSync.method</c> or <c>NAS_SYNC_METHOD</c>.</summary>
/// <param name="Place">The position.</param>
/// <param name="Setting">The name at that position.</param>
/// <param name="IsDefault">Whether the value is a default of <see cref="VariablesAlone"/> that no source set.</param>
internal sealed record Origin(Place Place, string Setting, bool IsDefault = false);
