namespace NasSync.Tests.Support;

/// <summary>Texts that were looked at once and must not change unseen. NASSYNC_GOLDEN=write writes them anew, to be looked at in the difference.</summary>
internal static class Golden
{
    /// <summary>Compares a text with the file of that name below the tests' folder; line ends do not matter.</summary>
    public static void Check(string file, string text)
    {
        var path = Repository.At(Path.Combine("tests/NasSync.Tests", file));
        text = text.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("NASSYNC_GOLDEN") == "write") File.WriteAllText(path, text);
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text);
    }
}
