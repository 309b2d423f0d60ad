using System.Management.Automation;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;
using NasSync.Watching;

namespace NasSync.PowerShell.Commands;

/// <summary>Reads the manifests of finished jobs. An unreadable one is one error, and the others are still read.</summary>
[Cmdlet(VerbsCommon.Get, "SyncManifest", DefaultParameterSetName = PathSet)]
[OutputType(typeof(Manifest))]
public sealed class GetSyncManifestCommand : PathCmdlet
{
    private NameFilter? _jobs;
    private Lazy<bool>? _followsLinks;

    /// <summary>Only the manifests of these jobs; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [TextArgument("JobId", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(JobPatternCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? JobId { get; set; }

    /// <summary>Searches the whole tree below a folder, including the content of job folders.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    private protected override string Activity => "Reading manifests";

    /// <inheritdoc/>
    protected override void BeginProcessing() => _jobs = new NameFilter(JobId, ignoreCase: false);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var isNamed = !MeansOutputsFolder;
        var paths = isNamed ? ResolvePaths() : OutputsFolder();

        // Reads the configuration only when a link is met, because nothing else needs it. A missing or unreadable one allows no links.
        if (_followsLinks is null)
        {
            var read = SessionConfig.Later(SessionState.Path, Config, paths.Count > 0 ? paths[0] : null);
            _followsLinks = new Lazy<bool>(() => read().Result.Config?.FollowJobLinks == true);
        }

        Run((writer, cancellationToken) =>
        {
            foreach (var path in paths) Read(path, isNamed, writer, cancellationToken);
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (var job in _jobs!.Missing) WriteFailure(CmdletFailure.JobNotFound(job, _jobs.Seen), job);
    }

    private IReadOnlyList<string> OutputsFolder()
    {
        if (SessionConfig.Require(this, Config, near: null).OutputsDir is { } folder) return [folder];
        WriteFailure(CmdletFailure.NoOutputsFolder(), null);
        return [];
    }

    private void Read(string path, bool isNamed, PipelineWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            var isEmpty = true;
            foreach (var file in ManifestFinder.Find(path, Recurse, writer.WriteNotice))
            {
                isEmpty = false;
                ReadFile(file, writer, cancellationToken);
            }

            if (isEmpty && isNamed) writer.WriteNotice(ManifestFinder.NothingIn(path));
        }
        catch (FailureException error)
        {
            writer.WriteFailure(error.Failure, path);
        }
    }

    private Manifest ReadFollowing(string file, CancellationToken cancellationToken)
    {
        try
        {
            return ManifestFile.Read(file, followLinks: false, cancellationToken: cancellationToken);
        }
        catch (FailureException e) when (e.Failure.Code == "EscapesJob" && _followsLinks!.Value)
        {
            return ManifestFile.Read(file, followLinks: true, cancellationToken: cancellationToken);
        }
    }

    private void ReadFile(string file, PipelineWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = ReadFollowing(file, cancellationToken);
            if (!_jobs!.Matches(manifest.JobId)) return;
            if (manifest.Oddity is { } odd) writer.WriteNotice(odd);
            writer.WriteObject(manifest);
        }
        catch (FailureException error)
        {
            writer.WriteFailure(error.Failure, file);
        }
    }
}
