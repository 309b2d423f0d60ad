using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;

namespace NasSync;

/// <summary>
/// The load context of the PowerShell module's own assemblies. It isolates them from other versions of YamlDotNet and other libraries in the same
/// session. Only this assembly is in PowerShell's default context, so that scripts can write <c>[NasSync.Manifest]</c>.
/// </summary>
public sealed class LoadContext : AssemblyLoadContext
{
    private static readonly object Gate = new();
    private static LoadContext? current;
    private readonly string _folder;
    private Assembly? _cmdlets;

    private LoadContext(string folder)
        : base("NasSync") => _folder = folder;

    /// <summary>Loads the cmdlets from a folder, once per session; a second call returns the same assembly.</summary>
    /// <param name="folder">The folder that contains <c>NasSync.PowerShell.dll</c> and its dependencies.</param>
    /// <returns>The assembly with the cmdlets, for <c>Import-Module -Assembly</c>.</returns>
    /// <exception cref="InvalidOperationException">The session has loaded NasSync from another folder; .NET cannot unload it.</exception>
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

    /// <summary>Resolves assemblies in the module's folder; all others, above all the base library and PowerShell, come from the session.</summary>
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
