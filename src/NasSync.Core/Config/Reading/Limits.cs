namespace NasSync.Config.Reading;

/// <summary>The numbers that the readers and the schema share.</summary>
internal static class Limits
{
    public const int MostTransfers = 64;
    public const int MostAttempts = 100;
    public const int HighestPort = 65535;
    public const int LargestFile = 1024 * 1024;
    public static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan LongestTime = TimeSpan.FromHours(24);
}
