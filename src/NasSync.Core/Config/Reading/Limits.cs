namespace NasSync.Config.Reading;

/// <summary>Limits shared by the readers and the schema.</summary>
internal static class Limits
{
    public const int MostTransfers = 64;
    public const int MostAttempts = 100;
    public const int HighestPort = 65535;
    public const int MostConnections = 8;
    public const int MostLogFiles = 1000;
    public const long SmallestLog = 64 * 1024;
    public const long LargestLog = 1L << 40;
    public const int LargestFile = 1024 * 1024;
    public static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan LongestTime = TimeSpan.FromHours(24);
    public static readonly TimeSpan ShortestLogAge = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan LongestLogAge = TimeSpan.FromDays(3650);
}
