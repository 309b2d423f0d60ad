using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NasSync.Destinations.Rsync;

/// <summary>The runs of rsync that a place needs, one method each.</summary>
internal sealed partial class RsyncLink(RsyncProgram program, RsyncFlags flags, RsyncStaging staging, LocalFolder? local) : IAsyncDisposable
{
    private readonly SemaphoreSlim _asking = new(1);
    private RsyncPeer? _peer;
    private string? _root;

    /// <summary>Builds the argument vectors.</summary>
    public RsyncFlags Flags => flags;

    /// <summary>The private folder of this process.</summary>
    public RsyncStaging Staging => staging;

    /// <summary>The target, for people.</summary>
    public string Place => program.Target.Place;

    /// <summary>The abilities that client and target share, queried once.</summary>
    public async Task<RsyncPeer> PeerAsync(CancellationToken cancellationToken)
    {
        if (_peer is { } known) return known;
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _peer ??= await AskAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Runs rsync; a stop throws <see cref="OperationCanceledException"/>.</summary>
    public async Task<RsyncExit> RunAsync(IReadOnlyList<string> arguments, Action<string>? line, CancellationToken cancellationToken)
    {
        var exit = await RunUntilStoppedAsync(arguments, line, cancellationToken).ConfigureAwait(false);
        if (exit.Stopped) throw new OperationCanceledException(cancellationToken);
        return exit;
    }

    /// <summary>Runs rsync; the result tells about a stop.</summary>
    /// <exception cref="FailureException">The target's local folder is not the recorded one (class Unavailable).</exception>
    public Task<RsyncExit> RunUntilStoppedAsync(IReadOnlyList<string> arguments, Action<string>? line, CancellationToken cancellationToken)
    {
        local?.Require();
        return program.RunAsync(arguments, line, cancellationToken);
    }

    /// <summary>The error lines of a run, each with the path below the target that it concerns.</summary>
    public async ValueTask<RsyncErrors> ErrorsOfAsync(RsyncExit exit, RsyncStaging.Box? box, CancellationToken cancellationToken)
    {
        if (exit.Errors.Length == 0) return new RsyncErrors("", []);
        _root ??= program.Target.Root;

        // An incomplete run may mean that the target cannot be reached; do not ask it again.
        if (_root is null && RsyncFailure.IsComplete(exit.ExitCode)) _root = await AskRootAsync(cancellationToken).ConfigureAwait(false);
        return new RsyncErrors(exit.Errors, [.. _root is { } root ? [root] : Array.Empty<string>(), .. box is null ? [] : new[] { box.Tree }]);
    }

    /// <summary>The failure of a whole run.</summary>
    public Failure WhyNot(RsyncExit exit, string operation) => RsyncFailure.Of(exit, program.Target, program.Ssh, operation);

    /// <summary>A file, for people.</summary>
    public string Shown(RelativePath path) => $"{Place}/{path}";

    /// <summary>What is at the given names, including the folders above them. A missing name is missing in the result.</summary>
    /// <param name="names">Paths; with a slash at the end, a folder with its content.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="FailureException">The target cannot be listed.</exception>
    public async Task<(Dictionary<string, ListLine> Found, RsyncErrors Errors)> LookAsync(
        IEnumerable<string> names,
        CancellationToken cancellationToken)
    {
        using var box = staging.Open();
        var found = new Dictionary<string, ListLine>(StringComparer.Ordinal);
        var exit = await RunAsync(flags.Look(box.List(names), staging.Empty), Take, cancellationToken).ConfigureAwait(false);
        var errors = await ErrorsOfAsync(exit, box, cancellationToken).ConfigureAwait(false);
        if (RsyncFailure.IsComplete(exit.ExitCode) || RsyncLooks.IsEmpty(exit, errors)) return (found, errors);
        throw new FailureException(WhyNot(exit, "look at"));

        void Take(string text)
        {
            if (RsyncText.Listed(text) is { } line) found[line.Name] = line;
        }
    }

    /// <summary>
    /// Fetches files into a private folder. Daemons since rsync 3.5 that do not change their root list a file below a folder of the module and then
    /// report that it has vanished; named from the module itself, the file is found.
    /// </summary>
    /// <returns>The end of the first run and its errors, including those of files that the second run fetched.</returns>
    public async Task<(RsyncExit Exit, RsyncErrors Errors)> FetchAsync(
        IEnumerable<RelativePath> paths,
        RsyncStaging.Box box,
        CancellationToken cancellationToken)
    {
        var wanted = paths.Distinct().ToList();
        var exit = await RunAsync(flags.Fetch(box.List(wanted.Select(path => path.Value)), box.Tree), null, cancellationToken).ConfigureAwait(false);
        var errors = await ErrorsOfAsync(exit, box, cancellationToken).ConfigureAwait(false);
        var vanished = program.Target.BelowModule is null ? [] : wanted.FindAll(errors.Vanished);
        if (vanished.Count == 0) return (exit, errors);
        var (module, folder) = program.Target.BelowModule!.Value;
        await RunAsync(
            flags.Fetch(box.List(vanished.Select(path => folder + path)), box.ModuleTree, module),
            null,
            cancellationToken).ConfigureAwait(false);
        return (exit, errors);
    }

    /// <summary>The path where <see cref="FetchAsync"/> stores a file, if it arrived.</summary>
    public string FetchedAt(RsyncStaging.Box box, RelativePath path) =>
        program.Target.BelowModule is { } below && !File.Exists(box.At(path)) ? box.ModuleTree + below.Folder + path : box.At(path);

    /// <summary>Removes files and empty folders; a missing one is no error.</summary>
    /// <returns>The end of the run and its errors.</returns>
    /// <exception cref="FailureException">The local rsync is too old (class Config).</exception>
    public async Task<(RsyncExit Exit, RsyncErrors Errors)> RemoveAsync(IReadOnlyCollection<RelativePath> paths, CancellationToken cancellationToken)
    {
        var peer = await PeerAsync(cancellationToken).ConfigureAwait(false);
        if (!peer.Version.DeletesMissing)
            throw new FailureException(new Failure(
                FailureClass.Config,
                "RsyncTooOld",
                $"rsync {peer.Version.Number} cannot remove single files at {Place}.",
                "Install rsync 3.1 or later on both sides."));
        using var box = staging.Open();
        foreach (var path in paths) box.MakeParent(path);
        var exit = await RunAsync(flags.Delete(box.List(paths.Select(path => path.Value)), box.Tree), null, cancellationToken).ConfigureAwait(false);
        return (exit, await ErrorsOfAsync(exit, box, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _asking.Dispose();
        return program.DisposeAsync();
    }

    // A target relative to the login's home has no known path; rsync's error about a name that cannot exist reveals it.
    private async Task<string?> AskRootAsync(CancellationToken cancellationToken)
    {
        using var box = staging.Open();
        var nothing = $".nassync-{Guid.NewGuid():N}";
        var exit = await RunAsync(flags.Look(box.List([nothing]), staging.Empty), null, cancellationToken).ConfigureAwait(false);
        return RsyncErrors.RootOf(exit.Errors, nothing);
    }

    private async Task<RsyncPeer> AskAsync(CancellationToken cancellationToken)
    {
        var words = new StringBuilder();
        var version = await program.RunHereAsync(["--version"], line => words.Append(line).Append('\n'), cancellationToken).ConfigureAwait(false);
        if (version.Stopped) throw new OperationCanceledException(cancellationToken);
        var client = RsyncVersion.Parse(words.Length > 0 ? words.ToString() : version.Errors);
        using var box = staging.Open();
        var list = box.List([]);

        // An old rsync on the other side names the option that it does not know.
        (bool Mkpath, bool Fsync)[] all = [(true, true), (true, false), (false, false)];
        var tries = all
            .Where(one => (client.HasMkpath || !one.Mkpath) && (client.HasFsync || !one.Fsync)).ToList();
        foreach (var (mkpath, fsync) in tries)
        {
            words.Clear();
            var exit = await RunAsync(
                flags.Ask(client, mkpath, fsync, box.Tree, list), line => words.Append(line).Append('\n'), cancellationToken).ConfigureAwait(false);
            if (RsyncFailure.IsComplete(exit.ExitCode)) return PeerOf(client, mkpath, fsync, words.ToString());
            if (exit.Errors.Contains("unknown option", StringComparison.Ordinal) && (mkpath || fsync)) continue;
            throw new FailureException(WhyNot(exit, "look at"));
        }

        throw new InvalidOperationException("There is always a last try without options.");
    }

    private static RsyncPeer PeerOf(RsyncVersion client, bool mkpath, bool fsync, string words)
    {
        var protocol = ProtocolPattern().Match(words) is { Success: true } spoken
            ? int.Parse(spoken.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)
            : client.Protocol;
        var checksum = ChecksumPattern().Match(words) is { Success: true } negotiated ? negotiated.Groups[1].Value : "md5";
        return new RsyncPeer(client, mkpath, fsync, protocol, checksum);
    }

    [GeneratedRegex(@"\(Client\) Protocol versions: .*negotiated=(\d{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex ProtocolPattern();

    [GeneratedRegex(@"Client negotiated checksum: (\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex ChecksumPattern();
}
