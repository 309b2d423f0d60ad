using System.CommandLine;
using NasSync.Routing;
using NasSync.Service.Output;
using NasSync.Transfers;
using NasSync.Watching;

namespace NasSync.Service.Commands;

/// <summary><c>nassync resolve</c>: shows which route takes each artifact, and why the others do not. Reads only manifests.</summary>
internal static class ResolveCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var paths = PathsArgument.Create();
        var command = new ListingCommand("resolve", "Show which route each artifact takes, and why the others do not match.") { paths };
        command.SetAction((parsed, stop) => Task.FromResult((int)Resolve(shell, globals, parsed, parsed.GetValue(paths) ?? [], stop)));
        return command;
    }

    private static ExitCode Resolve(Shell shell, GlobalOptions globals, ParseResult parsed, string[] paths, CancellationToken stop)
    {
        if (globals.Load(parsed, paths.FirstOrDefault()) is not { } config) return ExitCode.ConfigInvalid;
        var places = PathsArgument.OrOutputs(shell, paths, config);

        var routes = new RouteTable(config);
        var output = new ResolveOutput(shell, globals.Json(parsed));
        var exitCode = ExitCode.Ok;
        var manifests = 0;
        foreach (var place in places)
        {
            Guard(place, () =>
            {
                foreach (var file in ManifestFinder.Find(place, tell: notice => shell.Warn(notice.ToString())))
                {
                    stop.ThrowIfCancellationRequested();
                    manifests++;
                    Guard(file, () => ShowManifest(ManifestFile.Read(file, config.FollowJobLinks, cancellationToken: stop)));
                }
            });
        }

        if (manifests == 0 && exitCode == ExitCode.Ok) shell.Warn($"No manifest.json was found in {string.Join(", ", places)}.");
        return exitCode;

        void ShowManifest(Manifest manifest)
        {
            foreach (var decision in routes.Resolve(manifest))
            {
                output.Show(decision.Failure is { } its ? decision with { Failure = shell.Words.Of(its) } : decision);
                if (decision.Failure is { } failure) exitCode = ExitCodes.Graver(exitCode, ExitCodes.Of(failure));
            }
        }

        // A problem with one manifest or path does not hide the others.
        void Guard(string subject, Action show)
        {
            try
            {
                show();
            }
            catch (FailureException e)
            {
                output.Show(subject, shell.Words.Of(e.Failure));
                exitCode = ExitCodes.Graver(exitCode, ExitCodes.Of(e.Failure));
            }
        }
    }
}
