using System.Security.Cryptography;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>Computes the SHA-256 of blocks, in the order in which they are given, on another thread while the caller writes them.</summary>
internal sealed class BlockHasher : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Task _last = Task.CompletedTask;

    /// <summary>Hashes a block on the caller's thread, which is cheaper for a file of one block.</summary>
    public void AppendHere(ReadOnlySpan<byte> block) => _hash.AppendData(block);

    /// <summary>Queues a block. Its bytes must not change until <paramref name="done"/> is called.</summary>
    public void Append(ReadOnlyMemory<byte> block, Action done)
    {
        // Each block awaits the previous one, so the order needs no queue.
        var before = _last;
        _last = Task.Run(async () =>
        {
            await before.ConfigureAwait(false);
            _hash.AppendData(block.Span);
            done();
        });
    }

    /// <summary>The hash of all blocks, in lower-case hex.</summary>
    public string Finish()
    {
        _last.GetAwaiter().GetResult();
        return FileHash.Hex(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // After a stop, a block may still be in the hash on the other thread; wait for it before disposing.
        _last.GetAwaiter().GetResult();
        _hash.Dispose();
    }
}
