using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using NasSync.Destinations;

namespace NasSync.Tests.Support;

/// <summary>
/// A destination in memory that fulfils the whole contract, with the abilities that <see cref="Can"/> declares: case, precision of times, longest
/// name, resuming. It counts no calls and never fails by itself; wrap it in a <see cref="FaultyDestination"/> for that.
/// </summary>
internal sealed class MemoryDestination(TimeProvider time) : IDestination, IRemovesFolders
{
    private readonly object _gate = new();
    private readonly Dictionary<string, MemoryFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Path, string Fingerprint), byte[]> _parts = [];
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private ulong _nextInode = 1;

    /// <summary>Its capabilities; it behaves accordingly.</summary>
    public Capabilities Can { get; init; } = new()
    {
        AtomicReplace = true,
        CreateOnly = true,
        ServerHash = "sha256",
        Resume = true,
        Mtime = true,
        MtimePrecisionNs = 1,
        CaseSensitive = true,
        LongestName = 255,
        Server = "memory",
    };

    /// <summary>The contents by path.</summary>
    public IReadOnlyDictionary<string, byte[]> Contents
    {
        get
        {
            lock (_gate) return _files.Values.ToDictionary(file => file.Path.Value, file => file.Content);
        }
    }

    /// <summary>The bytes of unfinished copies that a later attempt could resume.</summary>
    public long BytesInParts
    {
        get
        {
            lock (_gate) return _parts.Values.Sum(part => (long)part.Length);
        }
    }

    /// <summary>The existing folders.</summary>
    public IReadOnlyCollection<string> FoldersThere
    {
        get
        {
            lock (_gate) return [.. _folders];
        }
    }

    /// <inheritdoc/>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Can);

    /// <inheritdoc/>
    public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken)
    {
        lock (_gate) return ValueTask.FromResult(_files.TryGetValue(Key(path), out var file) ? file.State : (FileState?)null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<DestinationEntry> entries;
        lock (_gate)
            entries = [.. _files.Values.Where(file => file.Path.Parent == folder).Select(file => new DestinationEntry(file.Path, file.State))];
        foreach (var entry in entries)
        {
            await Task.Yield();
            yield return entry;
        }
    }

    /// <inheritdoc/>
    public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken)
    {
        lock (_gate)
            return ValueTask.FromResult<(string, VerifiedBy)?>(
                _files.TryGetValue(Key(path), out var file) ? (Sha256(file.Content), VerifiedBy.ServerHash) : null);
    }

    /// <inheritdoc/>
    public ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Path.Components.Any(name => System.Text.Encoding.UTF8.GetByteCount(name) > Can.LongestName))
            throw Refused(FailureClass.Invalid, "NameTooLong", $"'{request.Path}' is too long.");
        lock (_gate)
        {
            for (var folder = request.Path.Parent; folder is not null; folder = folder.Parent) _folders.Add(folder.Value);
            var kept = _parts.Remove((request.Path.Value, request.Fingerprint), out var part) ? part : [];
            return ValueTask.FromResult<IWriteSession>(new Session(this, request, kept));
        }
    }

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _files.TryGetValue(Key(path), out var file)
                ? ValueTask.FromResult(Receipt(file, verify == VerifyLevel.Readback ? VerifiedBy.ReadBack : VerifiedBy.ServerHash, mtimeKept: true))
                : throw Refused(FailureClass.Gone, "NotFound", $"'{path}' is not there.");
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken)
    {
        lock (_gate) _files.Remove(Key(path));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveEmptyFolderAsync(RelativePath folder, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var inside = _files.Values.Select(file => file.Path.Value).Concat(_folders).Concat(_parts.Keys.Select(part => part.Path));
            if (!inside.Any(path => path.StartsWith(folder.Value + "/", StringComparison.Ordinal))) _folders.Remove(folder.Value);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Key(RelativePath path) => Can.CaseSensitive == false ? path.Value.ToUpperInvariant() : path.Value;

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static FailureException Refused(FailureClass kind, string code, string message) =>
        new(new Failure(kind, code, message, "Look at the test."));

    private CommitReceipt Receipt(MemoryFile file, VerifiedBy by, bool mtimeKept) => new()
    {
        Size = file.Content.Length,
        Sha256 = Sha256(file.Content),
        VerifiedBy = by,
        Durability = Durability.Cached,
        CommittedAt = time.GetUtcNow(),
        Target = file.State,
        MtimeKept = mtimeKept,
    };

    private CommitReceipt Commit(WriteRequest request, byte[] content, string? sha256)
    {
        if (content.Length != request.Size)
            throw Refused(FailureClass.Mismatch, "WrongSize", $"'{request.Path}' has {content.Length} of {request.Size} bytes.");
        if (request.Verify != VerifyLevel.Size && Sha256(content) != sha256)
            throw Refused(FailureClass.Mismatch, "WrongHash", $"'{request.Path}' has another hash.");
        lock (_gate)
        {
            if (_files.TryGetValue(Key(request.Path), out var there) && there.State != request.Replaces)
                throw Refused(FailureClass.Conflict, "TargetChanged", $"'{request.Path}' is taken.");
            var mtime = Can.Mtime ? request.MtimeNs / Can.MtimePrecisionNs!.Value * Can.MtimePrecisionNs.Value : 0;
            var file = new MemoryFile(request.Path, content, new FileState(content.Length, mtime, _nextInode++, 1));
            _files[Key(request.Path)] = file;
            var proof = request.Verify switch
            {
                VerifyLevel.Size => VerifiedBy.SizeOnly,
                VerifyLevel.Checksum => VerifiedBy.ServerHash,
                _ => VerifiedBy.ReadBack,
            };
            return Receipt(file, proof, Can.Mtime);
        }
    }

    private void Keep(WriteRequest request, byte[] part)
    {
        lock (_gate) _parts[(request.Path.Value, request.Fingerprint)] = part;
    }

    private sealed record MemoryFile(RelativePath Path, byte[] Content, FileState State);

    private sealed class Session(MemoryDestination owner, WriteRequest request, byte[] part) : IWriteSession
    {
        private readonly MemoryStream _content = Begin(part);
        private bool _ended;

        public long ResumeAt { get; } = part.Length;

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (offset != _content.Length) throw new InvalidOperationException($"block at {offset}, expected at {_content.Length}");
            _content.Write(block.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Bytes that failed the verification are not worth resuming.
            _ended = true;
            return ValueTask.FromResult(owner.Commit(request, _content.ToArray(), sha256));
        }

        public ValueTask DisposeAsync()
        {
            if (!_ended && owner.Can.Resume && _content.Length > 0) owner.Keep(request, _content.ToArray());
            _ended = true;
            return ValueTask.CompletedTask;
        }

        private static MemoryStream Begin(byte[] part)
        {
            var stream = new MemoryStream();
            stream.Write(part);
            return stream;
        }
    }
}
