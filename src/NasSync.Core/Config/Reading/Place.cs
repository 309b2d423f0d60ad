namespace NasSync.Config.Reading;

/// <summary>Where something stands: the file as it was given, or <see cref="Environment"/>, with line and column from 1, or 0 for none.</summary>
internal readonly record struct Place(string Source, int Line, int Column)
{
    public const string Environment = "environment";
}

/// <summary>Where a setting was set, and what its user calls it there: <c>nasSync.method</c> or <c>NAS_SYNC_METHOD</c>.</summary>
/// <param name="Place">Where.</param>
/// <param name="Setting">Its name there.</param>
/// <param name="IsDefault">Nobody set it: it is the default of <see cref="VariablesAlone"/>.</param>
internal sealed record Origin(Place Place, string Setting, bool IsDefault = false);
