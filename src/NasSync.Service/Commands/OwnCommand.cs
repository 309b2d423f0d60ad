namespace NasSync.Service.Commands;

/// <summary>The command line that starts this program again, without our PATH and variables.</summary>
internal static class OwnCommand
{
    /// <summary>The program's full path; when <c>dotnet</c> runs it, the assembly too.</summary>
    public static IReadOnlyList<string> Words()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not tell which program this is.");
        return Path.GetFileNameWithoutExtension(program) == "nassync" ? [program] : [program, Path.Combine(AppContext.BaseDirectory, "nassync.dll")];
    }

    /// <summary>The variables that locate the .NET runtime when it is not in its usual place.</summary>
    public static IReadOnlyDictionary<string, string> Variables(IReadOnlyDictionary<string, string> environment) => environment
        .Where(variable => variable.Key is "DOTNET_ROOT" or "DOTNET_ROOT_X64" or "DOTNET_ROOT_ARM64" && variable.Value.Length > 0)
        .ToDictionary(StringComparer.Ordinal);
}
