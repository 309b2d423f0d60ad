using System.Management.Automation;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell;

/// <summary>A cmdlet that takes files or folders, with wildcards or literally; resolves PSDrives and relative paths in the session.</summary>
public abstract class PathCmdlet : AsyncCmdlet
{
    private protected const string PathSet = "Path";
    private protected const string LiteralPathSet = "LiteralPath";

    private protected PathCmdlet()
    {
    }

    /// <summary>Manifests, job folders or outputs folders; wildcards are allowed. Default: the configuration's outputs folder.</summary>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextArgument("Path", "LiteralPath", "PSPath", "ManifestPath", IsPattern = true, Tells = true)]
    [ValidateNotNullOrEmpty]
    public virtual string[]? Path { get; set; }

    /// <summary>Like <see cref="Path"/>, but without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "ManifestPath")]
    [TextArgument("LiteralPath", "PSPath", "ManifestPath", Tells = true)]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>
    /// The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder, then beside the outputs folder.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>
    /// Whether to use the outputs folder: only if no path was given and no pipeline input is expected. An empty pipeline selects nothing.
    /// </summary>
    private protected virtual bool MeansOutputsFolder => Path is null && LiteralPath is null && !MyInvocation.ExpectingInput;

    /// <summary>The full paths of this record's parameters. A path that names nothing is an error, and the others are still returned.</summary>
    private protected IReadOnlyList<string> ResolvePaths()
    {
        var found = new List<string>();
        if (ParameterSetName == LiteralPathSet)
        {
            foreach (var path in Named(LiteralPath)) ResolveLiteral(path);
        }
        else
        {
            foreach (var path in Named(Path)) ResolveWildcards(path);
        }

        return found;

        IEnumerable<string> Named(string[]? given)
        {
            foreach (var path in given ?? [])
            {
                if (TextArgumentAttribute.Refused(path) is { } why) WriteFailure(CmdletFailure.InputNamesNothing(why), null);
                else yield return path;
            }
        }

        void ResolveLiteral(string path)
        {
            try
            {
                var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
                // The core checks whether the path exists; its message is better.
                if (IsFileSystem(path, provider)) found.Add(full);
            }
            catch (SessionStateException)
            {
                WriteFailure(CmdletFailure.PathNotFound(path), path);
            }
        }

        void ResolveWildcards(string path)
        {
            try
            {
                var all = SessionState.Path.GetResolvedProviderPathFromPSPath(path, out var provider);
                if (!IsFileSystem(path, provider)) return;
                found.AddRange(all);

                // A pattern without a match may be a name: the folder "job[1]" does not match its own pattern. Otherwise it
                // selects nothing, as everywhere in PowerShell.
                if (all.Count == 0 && IsThere(path) is { } literal) found.Add(literal);
            }
            catch (ItemNotFoundException)
            {
                ResolveLiteral(path);
            }
            catch (WildcardPatternException)
            {
                // For example an unclosed bracket: the text can only be a name.
                ResolveLiteral(path);
            }
            catch (SessionStateException)
            {
                WriteFailure(CmdletFailure.PathNotFound(path), path);
            }
        }

        string? IsThere(string path) =>
            InvokeProvider.Item.Exists(path, force: true, literalPath: true) ? SessionState.Path.GetUnresolvedProviderPathFromPSPath(path) : null;

        bool IsFileSystem(string path, ProviderInfo provider)
        {
            if (provider.Name == "FileSystem") return true;
            WriteFailure(CmdletFailure.NotAFileSystem(path, provider.Name), path);
            return false;
        }
    }

    /// <summary>Reports a path that cannot be used; the others are still processed.</summary>
    private protected virtual void WriteFailure(Failure failure, object? target) => ((IPipelineStreams)this).WriteFailure(failure, target);
}
