namespace NasSync.Destinations.Rsync;

/// <summary>Looks at single files; simultaneous requests share one run.</summary>
internal sealed class RsyncLooks : IAsyncDisposable
{
    /// <summary>Listings show times in whole seconds.</summary>
    public const long SecondNs = 1_000_000_000;

    private const int Most = 500;
    private readonly RsyncLink _link;
    private readonly Batches<Request, ListLine?> _batches;

    public RsyncLooks(RsyncLink link)
    {
        _link = link;
        _batches = new(Most, LookAsync);
    }

    /// <summary>What is at a path, of any type; null when there is nothing.</summary>
    public Task<ListLine?> AtAsync(RelativePath path, CancellationToken cancellationToken) => _batches.AskAsync(new Request(path, cancellationToken));

    /// <summary>The file at a path; null when there is nothing.</summary>
    /// <exception cref="FailureException">Something else is at the path (class Conflict).</exception>
    public async Task<FileState?> FileAsync(RelativePath path, CancellationToken cancellationToken) =>
        await AtAsync(path, cancellationToken).ConfigureAwait(false) is { } found ? FileOf(found, _link.Shown(path)) : null;

    /// <summary>The state of a listed entry that must be a file.</summary>
    /// <exception cref="FailureException">It is something else (class Conflict).</exception>
    public static FileState FileOf(ListLine found, string shown) => found.Kind == '-' ? found.State : throw new FailureException(NotAFile(shown));

    /// <summary>The failure when something other than a file is at the path.</summary>
    public static Failure NotAFile(string shown) => new(
        FailureClass.Conflict,
        "TargetIsNotAFile",
        $"{Failure.Quote(shown)} is taken by something that is no regular file.",
        "Move it away, or give the artifact another name with `as:`.");

    /// <summary>Whether the target's folder does not exist, so that the target holds nothing.</summary>
    public static bool IsEmpty(RsyncExit exit, RsyncErrors errors) =>
        errors.FirstErrno == 2 && (exit.ExitCode == 3 || (exit.ExitCode == 12 && errors.SaysRootCannotBeEntered));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _batches.DisposeAsync();

    private async Task LookAsync(IReadOnlyList<Request> requests, CancellationToken cancellationToken)
    {
        var (found, errors) = await _link.LookAsync(
            requests.Select(request => request.Path.Value).Distinct(StringComparer.Ordinal),
            cancellationToken).ConfigureAwait(false);
        foreach (var request in requests)
        {
            // A path that is neither listed nor reported missing could not be examined, which does not prove its absence.
            if (found.TryGetValue(request.Path.Value, out var line)) request.Succeed(line);
            else if (!errors.Misses(request.Path)
                && errors.Of(request.Path, "look at", _link.Shown(request.Path)) is { Code: not "NotFound" and not "NotAFolder" } failure)
                request.Fail(failure);
            else request.Succeed(null);
        }
    }

    private sealed class Request(RelativePath path, CancellationToken stop) : BatchRequest<ListLine?>(stop)
    {
        public RelativePath Path => path;
    }
}
