using System.Security.Cryptography;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>SHA-256 of blocks in the order in which they are given, computed on another thread while the caller writes them.</summary>
internal sealed class BlockHasher : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Task _last = Task.CompletedTask;

    /// <summary>Hashes a block now, on the caller's thread: cheaper for a file of one block.</summary>
    public void AppendHere(ReadOnlySpan<byte> block) => _hash.AppendData(block);

    /// <summary>Hashes a block after all before it. The block must stay as it is until <paramref name="done"/> is called.</summary>
    public void Append(ReadOnlyMemory<byte> block, Action done)
    {
        // Each block waits for the one before, so the order needs no queue.
        var before = _last;
        _last = Task.Run(async () =>
        {
            await before.ConfigureAwait(false);
            _hash.AppendData(block.Span);
            done();
        });
    }

    /// <summary>The hash of everything, lower-case hex.</summary>
    public string Finish()
    {
        _last.GetAwaiter().GetResult();
        return FileHash.Hex(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A stopped transfer may leave a block on its way; the hash must outlive it.
        _last.GetAwaiter().GetResult();
        _hash.Dispose();
    }
}
