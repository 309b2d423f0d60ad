using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;

namespace NasSync;

/// <summary>
/// Where the PowerShell module keeps its own assemblies, so that another version of YamlDotNet or of any other library in the same session
/// neither breaks NasSync nor is broken by it. Only this assembly is in PowerShell's default context; that is what lets scripts write
/// <c>[NasSync.Manifest]</c>.
/// </summary>
public sealed class LoadContext : AssemblyLoadContext
{
    private static readonly object Gate = new();
    private static LoadContext? current;
    private readonly string _folder;
    private Assembly? _cmdlets;

    private LoadContext(string folder)
        : base("NasSync") => _folder = folder;

    /// <summary>Loads the cmdlets from a folder, once per session; a second call answers the same assembly.</summary>
    /// <param name="folder">The folder that holds <c>NasSync.PowerShell.dll</c> and what it needs.</param>
    /// <returns>The assembly with the cmdlets, for <c>Import-Module -Assembly</c>.</returns>
    /// <exception cref="InvalidOperationException">The session has NasSync from another folder; .NET cannot unload it.</exception>
    [RequiresUnreferencedCode("It loads assemblies from files.")]
    public static Assembly Initialize(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        lock (Gate)
        {
            current ??= new LoadContext(full);
            if (!string.Equals(current._folder, full, OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase))
                throw new InvalidOperationException(
                    $"This session already loaded NasSync from '{current._folder}'. Start a new PowerShell session to load it from '{full}'.");
            return current._cmdlets ??= current.LoadFromAssemblyPath(Path.Combine(full, "NasSync.PowerShell.dll"));
        }
    }

    /// <summary>Answers what stands in the module's folder; everything else, above all the base library and PowerShell, is the session's.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only Initialize makes such a context, and it says so.")]
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);
        var shared = typeof(LoadContext).Assembly;
        if (string.Equals(assemblyName.Name, shared.GetName().Name, StringComparison.OrdinalIgnoreCase)) return shared;
        var file = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
