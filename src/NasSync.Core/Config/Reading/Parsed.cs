namespace NasSync.Config.Reading;

/// <summary>What a text means, or why it means nothing.</summary>
/// <param name="Value">The value; without meaning when there is a problem.</param>
/// <param name="Problem">What is wrong and how to mend it; null when all is well.</param>
internal readonly record struct Parsed<T>(T Value, string? Problem)
{
    public static implicit operator Parsed<T>(T value) => new(value, null);

    public static Parsed<T> Wrong(string problem) => new(default!, problem);
}
