using System.Collections.Concurrent;

namespace NasSync.Destinations.Contract;

/// <summary>
/// A separate folder for one case, with the operations that cases need. <see cref="IDestination"/> cannot read a file's bytes, so the cases check
/// content by <see cref="IDestination.HashAsync"/>, <see cref="IDestination.StatAsync"/> and <see cref="IDestination.ListAsync"/>.
/// </summary>
internal sealed class ContractPlace(IDestination destination, RelativePath folder, Capabilities can)
{
    /// <summary>Bytes per block unless the case chooses another size.</summary>
    public const int Block = 256 * 1024;

    private const int ParallelDeletes = 8;
    private const long SomeMtimeNs = 1_700_000_000_000_000_000;

    // True for files, false for folders.
    private readonly ConcurrentDictionary<RelativePath, bool> _paths = new();

    // Writes that were begun and not committed, each with its whole content.
    private readonly ConcurrentDictionary<WriteRequest, byte[]> _unfinished = new();

    /// <summary>The destination under test.</summary>
    public IDestination Destination => destination;

    /// <summary>The case's folder; it does not exist before the first write.</summary>
    public RelativePath Folder => folder;

    /// <summary>The capabilities that the destination reported.</summary>
    public Capabilities Can => can;

    /// <summary>What a passed case reports besides its outcome; null when it reports nothing.</summary>
    public string? Remark { get; set; }

    /// <summary>A path in the case's folder.</summary>
    public RelativePath At(string name) => folder.Combine(RelativePath.Parse(name));

    /// <summary>A request for a new file, verified by checksum; cases change what they need with <c>with</c>.</summary>
    public WriteRequest Request(string name, byte[] content) => new()
    {
        Path = At(name),
        Size = content.Length,
        MtimeNs = SomeMtimeNs,
        Fingerprint = ContractContent.Sha256(content),
        Verify = VerifyLevel.Checksum,
    };

    /// <summary>Begins a write; <see cref="ClearAsync"/> removes what it leaves.</summary>
    public async Task<ContractWrite> BeginAsync(WriteRequest request, byte[] content, CancellationToken cancellationToken)
    {
        for (var above = request.Path.Parent; above is not null && above != folder; above = above.Parent) _paths.TryAdd(above, false);
        var session = await destination.BeginWriteAsync(request, cancellationToken).ConfigureAwait(false);
        _paths[request.Path] = true;
        _unfinished[request] = content;
        return new ContractWrite(session, request, content, () => _unfinished.TryRemove(request, out _));
    }

    /// <summary>Writes and commits a whole file.</summary>
    public async Task<CommitReceipt> WriteAsync(WriteRequest request, byte[] content, CancellationToken cancellationToken, int block = Block)
    {
        var write = await BeginAsync(request, content, cancellationToken).ConfigureAwait(false);
        await using (write.ConfigureAwait(false))
        {
            await write.SendRestAsync(cancellationToken, block).ConfigureAwait(false);
            return await write.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes and commits a new file.</summary>
    public Task<CommitReceipt> WriteAsync(string name, byte[] content, CancellationToken cancellationToken) =>
        WriteAsync(Request(name, content), content, cancellationToken);

    /// <summary>Begins a file, sends part of it and abandons the write.</summary>
    public async Task BreakOffAsync(WriteRequest request, byte[] content, long sent, CancellationToken cancellationToken)
    {
        var write = await BeginAsync(request, content, cancellationToken).ConfigureAwait(false);
        await using (write.ConfigureAwait(false))
            await write.SendAsync(write.ResumeAt, Math.Max(sent, write.ResumeAt), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The state of a file that must exist.</summary>
    public async Task<FileState> StateAsync(string name, CancellationToken cancellationToken) =>
        await destination.StatAsync(At(name), cancellationToken).ConfigureAwait(false)
            ?? throw new ContractBrokenException($"stat finds no file {Failure.Quote(name)}, although it was committed");

    /// <summary>The sorted file names in a folder of the case; null means the case's own folder.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string? below, CancellationToken cancellationToken)
    {
        var listed = below is null ? folder : At(below);
        var names = new List<string>();
        await foreach (var entry in destination.ListAsync(listed, cancellationToken).ConfigureAwait(false))
        {
            Expect.Equal(listed, entry.Path.Parent, $"the folder of the listed file {Failure.Quote(entry.Path.Value)}");
            names.Add(entry.Path.FileName);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>Fails unless a file exists with exactly this content.</summary>
    public async Task HoldsAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        var state = await StateAsync(name, cancellationToken).ConfigureAwait(false);
        Expect.Equal(content.Length, state.Size, $"the size of {Failure.Quote(name)}");
        var hash = await destination.HashAsync(At(name), cancellationToken).ConfigureAwait(false);
        Expect.Equal(ContractContent.Sha256(content), hash?.Sha256, $"the SHA-256 of {Failure.Quote(name)}");
    }

    /// <summary>Fails when stat, hash or the listing shows the name.</summary>
    public async Task LacksAsync(string name, CancellationToken cancellationToken)
    {
        var path = At(name);
        Expect.Equal(null, await destination.StatAsync(path, cancellationToken).ConfigureAwait(false), $"stat of {Failure.Quote(name)}");
        Expect.Equal(null, await destination.HashAsync(path, cancellationToken).ConfigureAwait(false), $"hash of {Failure.Quote(name)}");
        await foreach (var entry in destination.ListAsync(path.Parent, cancellationToken).ConfigureAwait(false))
            Expect.That(entry.Path != path, $"{Failure.Quote(name)} is listed, although it was not committed");
    }

    /// <summary>Fails unless the case's folder lists exactly these files.</summary>
    public async Task ListsAsync(IEnumerable<string> expected, CancellationToken cancellationToken)
    {
        var found = await NamesAsync(null, cancellationToken).ConfigureAwait(false);
        var wanted = expected.Order(StringComparer.Ordinal).ToList();
        Expect.That(
            found.SequenceEqual(wanted, StringComparer.Ordinal),
            $"the folder lists [{string.Join(", ", found.Select(Failure.Quote))}], expected [{string.Join(", ", wanted.Select(Failure.Quote))}]");
    }

    /// <summary>
    /// Removes everything that the case created. Where the place resumes, it first finishes every abandoned write, because only a finished file can
    /// be removed.
    /// </summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await DeleteFilesAsync(cancellationToken).ConfigureAwait(false);
        if (can.Resume)
            foreach (var (request, content) in _unfinished) await FinishAsync(request, content, cancellationToken).ConfigureAwait(false);

        if (destination is not IRemovesFolders folders) return;
        foreach (
            var made in _paths.Where(pair => !pair.Value).Select(pair => pair.Key).OrderByDescending(path => path.Components.Count).Append(folder))
            await folders.RemoveEmptyFolderAsync(made, cancellationToken).ConfigureAwait(false);
    }

    private async Task FinishAsync(WriteRequest request, byte[] content, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(request with { Replaces = null, Verify = VerifyLevel.Size }, content, cancellationToken).ConfigureAwait(false);
            await destination.DeleteAsync(request.Path, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Class is FailureClass.Invalid or FailureClass.Config)
        {
            // The place refuses this name permanently, so it holds nothing to resume.
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.NoSpace)
        {
            await destination.RemoveLeftoversAsync(request.Path, request.Fingerprint, cancellationToken).ConfigureAwait(false);
        }
    }

    // Lists the folders too, because a place may store a file under another name than the given one.
    private async Task DeleteFilesAsync(CancellationToken cancellationToken)
    {
        var files = _paths.Where(pair => pair.Value).Select(pair => pair.Key).ToHashSet();
        foreach (var listed in _paths.Where(pair => !pair.Value).Select(pair => pair.Key).Append(folder).ToList())
            await foreach (var entry in destination.ListAsync(listed, cancellationToken).ConfigureAwait(false)) files.Add(entry.Path);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletes, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(files, options, DeleteAsync).ConfigureAwait(false);
    }

    private async ValueTask DeleteAsync(RelativePath file, CancellationToken cancellationToken)
    {
        try
        {
            await destination.DeleteAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Class is FailureClass.Invalid or FailureClass.Config)
        {
            // The place cannot hold this name, so there is no file to remove.
        }
    }
}
