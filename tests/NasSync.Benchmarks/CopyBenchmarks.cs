using BenchmarkDotNet.Attributes;
using NasSync.Destinations.Sftp;
using NasSync.Transfers;

namespace NasSync.Benchmarks;

/// <summary>What a copy costs beside the reading and writing: 16 MiB through the hash, and the window of an SSH connection.</summary>
[MemoryDiagnoser]
public class CopyBenchmarks
{
    private const int BlockBytes = 1 << 20;
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly ByteWindow _window = new(8 << 20);

    /// <summary>Sixteen blocks on this thread.</summary>
    [Benchmark]
    public string HashHere()
    {
        using var hasher = new BlockHasher();
        for (var block = 0; block < 16; block++) hasher.AppendHere(_block);
        return hasher.Finish();
    }

    /// <summary>Sixteen blocks on another thread.</summary>
    [Benchmark]
    public string HashBeside()
    {
        using var hasher = new BlockHasher();
        for (var block = 0; block < 16; block++) hasher.Append(_block, () => { });
        return hasher.Finish();
    }

    /// <summary>64 requests of 255 KiB through a window that holds 32 of them, each answered before the next but 31 is sent.</summary>
    [Benchmark]
    public async Task Window()
    {
        for (var request = 0; request < 64; request++)
        {
            if (request >= 32) _window.Return(255 << 10);
            await _window.TakeAsync(255 << 10, CancellationToken.None);
        }

        for (var request = 0; request < 32; request++) _window.Return(255 << 10);
    }
}
