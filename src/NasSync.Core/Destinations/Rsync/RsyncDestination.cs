using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Destinations.Places;

namespace NasSync.Destinations.Rsync;

/// <summary>
/// An rsync target: a local folder, a host over ssh, or a daemon's module, all served by the same runs of the rsync program. Files are sent in sets:
/// copies committed while one set is being sent form the next one.
/// </summary>
internal sealed class RsyncDestination : IDestination, IRemovesFolders, IRooted, IMakesRoot
{
    private const int MostInSet = 2000;
    private const int MostFetched = 100;
    private const int LongestName = 255;
    private readonly RsyncStaging _staging;
    private readonly RsyncLink _link;
    private readonly RsyncLooks _looks;
    private readonly LocalFolder? _local;
    private readonly Batches<RsyncCopy, CommitReceipt> _sets;
    private readonly Batches<HashRequest, string?> _hashes;
    private readonly Batches<DeleteRequest, bool> _deletes;
    private readonly SemaphoreSlim _probing = new(1);
    private readonly KeptNames _kept;
    private readonly TimeProvider _time;
    private Capabilities? _capabilities;

    /// <param name="config">The place and its target.</param>
    /// <param name="environment">Variables that resolve secrets and the names of programs.</param>
    /// <param name="stagingRoot">Our folder, in which a private one is created when needed; null: the machine's temp path.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bytesPerSecond">Gives the limit when a set begins; null is unlimited.</param>
    /// <param name="places">Remembers local folders; null: no marker is checked or written.</param>
    /// <param name="kept">Names that are never taken for a leftover; null when there is no ledger.</param>
    /// <param name="log">Receives diagnostic messages; null: nowhere.</param>
    /// <exception cref="FailureException">The target cannot be parsed, or the reference to the password leads nowhere (class Config).</exception>
    public RsyncDestination(
        RsyncDestinationConfig config,
        IReadOnlyDictionary<string, string> environment,
        string? stagingRoot,
        TimeProvider time,
        Func<long?>? bytesPerSecond = null,
        IPlaceMemory? places = null,
        KeptNames? kept = null,
        ILogger? log = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var target = RsyncTarget.Parse(config.Target);
        var limit = bytesPerSecond ?? (() => config.BandwidthLimit);
        _time = time;
        _kept = kept ?? KeptNames.None;
        _staging = new RsyncStaging(stagingRoot);
        var program = new RsyncProgram(
            target,
            config.Password is { } password ? SecretReader.Read(password, environment) : null,
            environment,
            _staging,
            time,
            log ?? NullLogger.Instance);
        _local = target.Way == RsyncWay.Local ? new LocalFolder(target.Place, places) : null;
        _link = new RsyncLink(program, new RsyncFlags(target, config.Compress, limit, _kept, config.FileMode), _staging, _local);
        _looks = new RsyncLooks(_link);
        _sets = new(MostInSet, (copies, stop) => new RsyncSet(_link, _looks, _local, copies, time).RunAsync(stop));
        _hashes = new(MostFetched, HashAsync);
        _deletes = new(MostInSet, DeleteAsync);
    }

    /// <inheritdoc/>
    public async ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken)
    {
        await _probing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _capabilities ??= await RsyncProbe.RunAsync(this, _link, _local is not null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _probing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) =>
        IsTooLong(path) ? null : await _looks.FileAsync(path, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (found, errors) = await _link.LookAsync([folder is null ? "" : folder.Value + "/"], cancellationToken).ConfigureAwait(false);
        if (folder is not null
            && !found.ContainsKey(folder.Value)
            && !errors.Misses(folder)
            && errors.Of(folder, "list", _link.Shown(folder)) is { Code: not "NotFound" and not "NotAFolder" } failure)
            throw new FailureException(failure);
        foreach (var line in found.Values)
            if (line.Kind == '-' && RelativePath.TryParse(line.Name, out var path, out _) && path.Parent == folder)
                yield return new DestinationEntry(path, line.State);
    }

    /// <inheritdoc/>
    public string Root => _link.Place;

    /// <inheritdoc/>
    public bool IsOnServer => _local is null;

    /// <inheritdoc/>
    public async ValueTask<RootState> LookAtRootAsync(CancellationToken cancellationToken)
    {
        var (found, errors) = await _link.LookAsync([""], cancellationToken).ConfigureAwait(false);
        if (found.Keys.Any(name => name is not ".")) return RootState.Used;
        return errors.FirstErrno switch
        {
            null => RootState.Empty,
            RsyncErrors.NoEntry or RsyncErrors.NoFolder => RootState.Missing,
            _ => RootState.Used,
        };
    }

    /// <inheritdoc/>
    public ValueTask<string?> RootToMakeAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_local?.ToMake());

    /// <inheritdoc/>
    public async ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken)
    {
        if (IsTooLong(path)) return null;
        return await _hashes.AskAsync(new HashRequest(path, cancellationToken)).ConfigureAwait(false) is { } sha256
            ? (sha256, VerifiedBy.ReadBack)
            : null;
    }

    /// <inheritdoc/>
    public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsTooLong(request.Path))
            throw new FailureException(Failures.SystemFailure.FromErrno(36, darwin: false, "write", _link.Shown(request.Path)));
        return ValueTask.FromResult<IWriteSession>(new RsyncWriteSession(_sets, _staging, request, _link.Shown(request.Path)));
    }

    /// <inheritdoc/>
    public async ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken)
    {
        var state = await StatAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw new FailureException(new Failure(
                FailureClass.Transient,
                "NotFound",
                $"{_link.Shown(path)} is not there any more.",
                "The next run copies it."));
        _local?.Adopt();
        return new CommitReceipt
        {
            Size = state.Size,
            Sha256 = sha256,
            VerifiedBy = VerifiedBy.ReadBack,
            Durability = _local?.MakeDurable([path]) == true ? Durability.Fsynced : Durability.Cached,
            CommittedAt = _time.GetUtcNow(),
            Target = state,
        };
    }

    /// <inheritdoc/>
    public async ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken)
    {
        if (_kept.Holds(RsyncFlags.PartialFolder)) return;
        var name = RelativePath.Parse(RsyncFlags.PartialFolder);
        var folder = path.Parent is { } parent ? parent.Combine(name) : name;
        var part = folder.Combine(RelativePath.Parse(path.FileName));
        if (IsTooLong(part)) return;

        // A link is not ours, and neither is the folder that it leads to.
        if (await _looks.AtAsync(folder, cancellationToken).ConfigureAwait(false) is not { Kind: 'd' }) return;
        if (await _looks.AtAsync(part, cancellationToken).ConfigureAwait(false) is not { Kind: '-' }) return;
        await _deletes.AskAsync(new DeleteRequest(part, cancellationToken)).ConfigureAwait(false);
        await _deletes.AskAsync(new DeleteRequest(folder, cancellationToken) { IsFolder = true }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken)
    {
        if (IsTooLong(path) || await _looks.AtAsync(path, cancellationToken).ConfigureAwait(false) is not { } found) return;
        if (found.Kind == 'd') RsyncLooks.FileOf(found, _link.Shown(path));
        await _deletes.AskAsync(new DeleteRequest(path, cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveEmptyFolderAsync(RelativePath folder, CancellationToken cancellationToken)
    {
        if (IsTooLong(folder) || await _looks.AtAsync(folder, cancellationToken).ConfigureAwait(false) is not { Kind: 'd' }) return;
        await _deletes.AskAsync(new DeleteRequest(folder, cancellationToken) { IsFolder = true }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sets.DisposeAsync().ConfigureAwait(false);
        await _hashes.DisposeAsync().ConfigureAwait(false);
        await _deletes.DisposeAsync().ConfigureAwait(false);
        await _looks.DisposeAsync().ConfigureAwait(false);
        _local?.Dispose();
        await _link.DisposeAsync().ConfigureAwait(false);
        _staging.Dispose();
        _probing.Dispose();
    }

    // No file system holds such a name, so rsync is not called; the staging links could not even be created on this machine.
    private static bool IsTooLong(RelativePath path) => path.Components.Any(name => Encoding.UTF8.GetByteCount(name) > LongestName);

    private async Task HashAsync(IReadOnlyList<HashRequest> requests, CancellationToken cancellationToken)
    {
        using var box = _staging.Open();
        var (exit, errors) = await _link.FetchAsync(requests.Select(request => request.Path), box, cancellationToken).ConfigureAwait(false);
        foreach (var request in requests)
        {
            if (Directory.Exists(box.At(request.Path))) request.Fail(RsyncLooks.NotAFile(_link.Shown(request.Path)));
            else if (RsyncProof.Fetched(_link.FetchedAt(box, request.Path), cancellationToken) is { } found) request.Succeed(found.Sha256);
            else if (errors.Misses(request.Path) || RsyncLooks.IsEmpty(exit, errors)) request.Succeed(null);
            else
                request.Fail(errors.Of(request.Path, "read", _link.Shown(request.Path))
                    ?? (RsyncFailure.IsComplete(exit.ExitCode) ? RsyncLooks.NotAFile(_link.Shown(request.Path)) : _link.WhyNot(exit, "read")));
        }
    }

    private async Task DeleteAsync(IReadOnlyList<DeleteRequest> requests, CancellationToken cancellationToken)
    {
        var (exit, errors) = await _link.RemoveAsync([.. requests.Select(request => request.Path)], cancellationToken).ConfigureAwait(false);
        foreach (var request in requests)
        {
            if (errors.Of(request.Path, "remove", _link.Shown(request.Path)) is { } failure && !request.IsFolder) request.Fail(failure);
            else if (RsyncFailure.IsComplete(exit.ExitCode)) request.Succeed(true);
            else request.Fail(_link.WhyNot(exit, "remove"));
        }
    }

    private sealed class HashRequest(RelativePath path, CancellationToken stop) : BatchRequest<string?>(stop)
    {
        public RelativePath Path => path;
    }

    private sealed class DeleteRequest(RelativePath path, CancellationToken stop) : BatchRequest<bool>(stop)
    {
        public RelativePath Path => path;

        public bool IsFolder { get; init; }
    }
}
