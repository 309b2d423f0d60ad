namespace NasSync.Config.Reading;

/// <summary>A parsed value, or the reason why parsing failed.</summary>
/// <param name="Value">The value; meaningless when there is a problem.</param>
/// <param name="Problem">The mistake and its cure; null on success.</param>
internal readonly record struct Parsed<T>(T Value, string? Problem)
{
    public static implicit operator Parsed<T>(T value) => new(value, null);

    public static Parsed<T> Wrong(string problem) => new(default!, problem);
}
