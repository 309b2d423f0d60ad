using System.Threading.Channels;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Transfers;
using NasSync.Watching;

namespace NasSync.Verifying;

/// <summary>
/// One verification, from the ledger's first page to the last event. Rows are read page by page into the queues of their places. Each place has its
/// own limit of checks at a time, so that memory stays flat and a slow place delays no other.
/// </summary>
internal sealed class VerifyRun : IAsyncDisposable
{
    private const int EventsAhead = 1024;
    private readonly SyncConfig _config;
    private readonly VerifyRequest _request;
    private readonly Ledger _ledger;
    private readonly TimeProvider _time;
    private readonly Lanes _lanes;
    private readonly WorkerThreads _threads = new();
    private readonly VerifyTally _tally = new();
    private readonly LastCopies _lastCopies;
    private readonly Channel<VerifyEvent> _events = Channel.CreateBounded<VerifyEvent>(EventsAhead);
    private readonly Dictionary<(string Destination, string Root), VerifyQueue> _queues = [];

    public VerifyRun(SyncConfig config, DestinationFactory factory, VerifyRequest request, Ledger ledger, Patience patience, TimeProvider time)
    {
        (_config, _request, _ledger, _time) = (config, request, ledger, time);
        _lanes = new Lanes(config, factory, config.Transfers, patience, time);
        _lastCopies = new LastCopies(ledger);
    }

    /// <summary>The events, as they happen. They must be read to the end, otherwise the run waits.</summary>
    public ChannelReader<VerifyEvent> Events => _events.Reader;

    /// <summary>Runs to the end, or until it is stopped.</summary>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            var started = _time.GetTimestamp();
            try
            {
                await LookAtAllAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Stop requested; running checks end below.
            }
            finally
            {
                foreach (var queue in _queues.Values) await queue.DisposeAsync().ConfigureAwait(false);
                await TellAsync(_lastCopies.TakeAll()).ConfigureAwait(false);
            }

            var result = _tally.Finish(_time.GetElapsedTime(started), cancellationToken.IsCancellationRequested);
            await _events.Writer.WriteAsync(new VerifyEvent.Finished(result), CancellationToken.None).ConfigureAwait(false);
            _events.Writer.Complete();
        }
        catch (Exception e)
        {
            // The reader of the events must get the error instead of waiting forever.
            _events.Writer.Complete(e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _threads.MayBeLost = _lanes.AnyHangs;
        _threads.Dispose();
        await _lanes.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LookAtAllAsync(CancellationToken cancellationToken)
    {
        var unread = new List<string>();
        var manifests = await JobsAtPathsAsync(unread, cancellationToken).ConfigureAwait(false);
        var only = new MeantItems(_request.Only);
        foreach (var path in unread) only.SettleAbove(path);
        var meant = new CopiesMeant(_config, _ledger, _request, JobsMeant(manifests), ItemsMeant(manifests, only));
        var (copies, bytes) = meant.Count();
        var unknown = Unknown(manifests, only).Concat(meant.Unfound.Where(folder => !IsConfigured(folder)).Select(NoPlace)).ToList();
        foreach (var (subject, failure) in unknown)
            await EmitAsync(new VerifyEvent.Failed(subject, failure)).ConfigureAwait(false);
        var seed = _request.Sample is null ? (int?)null : _request.Seed ?? Random.Shared.Next();
        var sampler = new Sampler(copies, _request.Sample?.Of(copies) ?? copies, new Random(seed ?? 0));
        await EmitAsync(new VerifyEvent.Begun(copies, bytes, sampler.Chosen, seed)).ConfigureAwait(false);

        var folders = new JobFolders(_config, manifests ?? new Dictionary<string, string>());
        var verifier = new CopyVerifier(
            _config,
            _lanes,
            _ledger,
            new PlaceEvidence(_config, _ledger, _threads),
            new SourceOfCopy(_config, folders),
            _threads,
            _request.Quick,
            _time);
        foreach (var copy in meant.All())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (seed is null || sampler.Take())
                await QueueOf(copy.Target, verifier, cancellationToken).AddAsync(copy, cancellationToken).ConfigureAwait(false);
        }
    }

    // Returns null when the request names no path.
    private async Task<Dictionary<string, string>?> JobsAtPathsAsync(List<string> unread, CancellationToken cancellationToken)
    {
        if (_request.Paths.Count == 0) return null;
        var jobs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in _request.Paths)
        {
            try
            {
                var isEmpty = true;
                foreach (var file in ManifestFinder.Find(path))
                {
                    isEmpty = false;
                    await AddAsync(file).ConfigureAwait(false);
                }

                if (isEmpty) await EmitAsync(new VerifyEvent.Warned(ManifestFinder.NothingIn(path))).ConfigureAwait(false);
            }
            catch (FailureException e)
            {
                unread.Add(path);
                await EmitAsync(new VerifyEvent.Failed(path, WithJob(path, e.Failure))).ConfigureAwait(false);
            }
        }

        return jobs;

        async Task AddAsync(string file)
        {
            try
            {
                jobs.TryAdd(ManifestFile.Read(file, _config.FollowJobLinks, cancellationToken: cancellationToken).JobId, file);
            }
            catch (FailureException e)
            {
                unread.Add(file);
                await EmitAsync(new VerifyEvent.Failed(file, e.Failure)).ConfigureAwait(false);
            }
        }
    }

    // A finished job's folder may have been removed, but the ledger still knows its copies by the job's id; so the hint names `--job`.
    private Failure WithJob(string path, Failure failure)
    {
        if (failure.Code != ManifestFinder.NothingThereCode) return failure;
        var folder = Path.GetFileName(path) == ManifestFinder.FileName ? Path.GetDirectoryName(path) : Path.TrimEndingDirectorySeparator(path);
        var name = Path.GetFileName(folder);
        if (string.IsNullOrEmpty(name) || !_ledger.Jobs().Contains(name, StringComparer.Ordinal)) return failure;
        return failure with
        {
            Message = $"{failure.Message.TrimEnd('.')} any more, and the ledger has copies of a job {Failure.Quote(name)}.",
            Hint = $"Name the job instead of its folder: nassync verify --job {Failure.Quote(name)}",
        };
    }

    private IReadOnlyCollection<string>? JobsMeant(Dictionary<string, string>? manifests) => (_request.Jobs, manifests) switch
    {
        ([], null) => null,
        ([], _) => manifests.Keys,
        (var jobs, null) => jobs,
        var (jobs, named) => [.. jobs.Where(named.ContainsKey)],
    };

    // If the request lists artifacts of a manifest, only those are selected.
    private static Func<RecordedCopy, bool> ItemsMeant(Dictionary<string, string>? manifests, MeantItems only)
    {
        if (only.AreAll || manifests is null) return _ => true;
        return copy => !manifests.TryGetValue(copy.JobId, out var file) || only.Mean(file, copy.Artifact, copy.Target, copy.Requested);
    }

    // A name that matches nothing must be a failure. Otherwise it would look as if its copies were intact, although none was checked.
    private IEnumerable<(string Subject, Failure Failure)> Unknown(Dictionary<string, string>? manifests, MeantItems only)
    {
        if (manifests is null || !only.Unfound.Any()) yield break;
        foreach (var (job, file) in manifests)
        {
            foreach (var copy in _ledger.OfJob(job).Where(copy => copy.SupersededBy is null))
            {
                // An entry is not unknown if it matches a copy that the request excludes by job or destination.
                only.Mean(file, copy.Artifact, copy.Target, copy.Requested);
                only.See(file, copy.Artifact, copy.Target.Display);
            }
        }

        foreach (var lost in only.Unfound)
        {
            var (artifact, place) = (Failure.Quote(lost.Artifact), Failure.Quote(lost.Manifest));
            yield return lost.Target is { } target && only.TargetsSeen(lost) is { } targets
                ? ($"{lost.Artifact} → {target}", UnknownItem.Target(
                    $"The ledger has no such copy of {artifact} of {place} at {Failure.Quote(target)}",
                    "it has copies at",
                    targets))
                : (lost.Artifact, UnknownItem.Artifact(
                    $"The ledger has no copy of {artifact} of {place}",
                    lost.Artifact,
                    "it has copies of",
                    only.ArtifactsSeen(lost)));
        }
    }

    // A configured folder is no mistake, even if nothing, or nothing of these jobs, was copied there yet.
    private bool IsConfigured(string folder)
    {
        var named = _config.RemoteRoots.Values
            .Concat(_config.Destinations.Values.OfType<LocalDestinationConfig>().Select(local => local.Root))
            .Concat(_config.Routes.SelectMany(route => route.To).Select(to => to.Split("${")[0]));
        return named.Where(Path.IsPathFullyQualified).Any(root => CopiesMeant.IsWithin(root, folder));
    }

    private (string Subject, Failure Failure) NoPlace(string folder) => (folder, UnknownItem.Place(
        $"The ledger has no such copy at or below {Failure.Quote(folder)}",
        [
            .. _ledger.Summary()
                .Select(place => place.Destination == Target.LocalName ? place.Root : place.Destination)
                .Distinct(StringComparer.Ordinal),
        ]));

    private VerifyQueue QueueOf(Target target, CopyVerifier verifier, CancellationToken cancellationToken)
    {
        var place = (target.Destination, target.Root);
        if (_queues.TryGetValue(place, out var queue)) return queue;
        return _queues[place] = new VerifyQueue(TryLane(target), VerifyAsync, cancellationToken);

        async Task VerifyAsync(RecordedCopy copy, CancellationToken stop)
        {
            CopyFinding finding;
            try
            {
                finding = await verifier.VerifyAsync(copy, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // For example the ledger could not be read again; the other copies are still checked.
                finding = CopyVerifier.Refused(copy, SystemFailure.FromException(e, "verify", copy.Target.Display));
            }

            await TellAsync(_lastCopies.Take(finding)).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(IReadOnlyList<CopyFinding> findings)
    {
        foreach (var finding in findings) await EmitAsync(new VerifyEvent.Found(finding)).ConfigureAwait(false);
    }

    // If the configuration no longer has a destination, only the copies there fail.
    private Lane? TryLane(Target target)
    {
        try
        {
            return _lanes.Of(target);
        }
        catch (FailureException)
        {
            return null;
        }
    }

    private async Task EmitAsync(VerifyEvent verifyEvent)
    {
        _tally.Count(verifyEvent);
        await _events.Writer.WriteAsync(verifyEvent, CancellationToken.None).ConfigureAwait(false);
    }
}
