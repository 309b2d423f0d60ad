namespace NasSync.Tests.Support;

/// <summary>How long a test waits.</summary>
internal static class Wait
{
    /// <summary>
    /// For what must come. A test that waits longer fails, and says so; no test that passes gets near it, on a machine that has much else to do either.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
}
