namespace NasSync.Service.Commands;

/// <summary>How this program is started again, by someone who has no PATH and no variables of ours.</summary>
internal static class OwnCommand
{
    /// <summary>The program by its full path; for one that the host <c>dotnet</c> runs, the assembly too.</summary>
    public static IReadOnlyList<string> Words()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not tell which program this is.");
        return Path.GetFileNameWithoutExtension(program) == "nassync" ? [program] : [program, Path.Combine(AppContext.BaseDirectory, "nassync.dll")];
    }

    /// <summary>The variables by which the .NET runtime is found where it is not in its usual place.</summary>
    public static IReadOnlyDictionary<string, string> Variables(IReadOnlyDictionary<string, string> environment) => environment
        .Where(variable => variable.Key is "DOTNET_ROOT" or "DOTNET_ROOT_X64" or "DOTNET_ROOT_ARM64" && variable.Value.Length > 0)
        .ToDictionary(StringComparer.Ordinal);
}
