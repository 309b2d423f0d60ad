namespace NasSync.Tests.Support;

/// <summary>How long a test waits.</summary>
internal static class Wait
{
    /// <summary>
    /// The longest wait for something that must happen. It only ends a test that would hang; passing tests do not get near it, even under load.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
}
