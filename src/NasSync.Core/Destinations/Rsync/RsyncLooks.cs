namespace NasSync.Destinations.Rsync;

/// <summary>Looks at single files; looks that are asked for at once share a run.</summary>
internal sealed class RsyncLooks : IAsyncDisposable
{
    /// <summary>Listings tell times in whole seconds.</summary>
    public const long SecondNs = 1_000_000_000;

    private const int Most = 500;
    private readonly RsyncLink _link;
    private readonly Batches<Request, ListLine?> _batches;

    public RsyncLooks(RsyncLink link)
    {
        _link = link;
        _batches = new(Most, LookAsync);
    }

    /// <summary>What stands at a path, whatever it is; null for nothing.</summary>
    public Task<ListLine?> AtAsync(RelativePath path, CancellationToken cancellationToken) => _batches.AskAsync(new Request(path, cancellationToken));

    /// <summary>The file at a path; null for nothing.</summary>
    /// <exception cref="FailureException">Something else stands there (Conflict).</exception>
    public async Task<FileState?> FileAsync(RelativePath path, CancellationToken cancellationToken) =>
        await AtAsync(path, cancellationToken).ConfigureAwait(false) is { } found ? FileOf(found, _link.Shown(path)) : null;

    /// <summary>The state of what must be a file.</summary>
    /// <exception cref="FailureException">It is something else (Conflict).</exception>
    public static FileState FileOf(ListLine found, string shown) => found.Kind == '-' ? found.State : throw new FailureException(NotAFile(shown));

    /// <summary>Something else than a file stands there.</summary>
    public static Failure NotAFile(string shown) => new(
        FailureClass.Conflict,
        "TargetIsNotAFile",
        $"{Failure.Quote(shown)} is taken by something that is no regular file.",
        "Move it away, or give the artifact another name with `as:`.");

    /// <summary>
    /// A target whose folder is not there yet holds nothing. Over ssh the other side says so and hangs up, which ends ours with 12.
    /// </summary>
    public static bool IsEmpty(RsyncExit exit, RsyncErrors errors) =>
        errors.FirstErrno == 2 && (exit.ExitCode == 3 || (exit.ExitCode == 12 && errors.Says("change_dir \"")));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _batches.DisposeAsync();

    private async Task LookAsync(IReadOnlyList<Request> requests, CancellationToken cancellationToken)
    {
        var (found, errors) = await _link.LookAsync(
            requests.Select(request => request.Path.Value).Distinct(StringComparer.Ordinal),
            cancellationToken).ConfigureAwait(false);
        foreach (var request in requests)
        {
            // Not listed and not said to be missing: then it could not be looked at, which is no absence.
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
