namespace NasSync.Tests.Support;

/// <summary>The checkout from which the tests were built: sources, samples and docs.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution, as a full path.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder of the checkout, as a full path.</summary>
    public static string At(string relative) => Path.Combine(Root, relative);

    /// <summary>The C# sources below a folder, without build output; paths are relative to that folder.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Sources(string folder) =>
        from file in Directory.EnumerateFiles(At(folder), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(At(folder), file).Replace('\\', '/')
        where !path.Split('/').Any(part => part is "bin" or "obj")
        orderby path
        select (path, File.ReadAllLines(file));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "NasSync.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"no NasSync.sln above {AppContext.BaseDirectory}; run the tests from a checkout");
    }
}
