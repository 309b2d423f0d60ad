namespace NasSync.Service;

/// <summary>The program's version, from NasSync.psd1.</summary>
internal static class NassyncVersion
{
    /// <summary>Three numbers: <c>1.2.3</c>.</summary>
    public static string Text => typeof(NassyncVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
