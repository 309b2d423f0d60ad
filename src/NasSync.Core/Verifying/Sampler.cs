namespace NasSync.Verifying;

/// <summary>
/// Chooses a fixed number of elements from a sequence of known length: each with the same probability, none twice, without storing any (Knuth's
/// selection sampling).
/// </summary>
/// <param name="from">The expected length. If more elements come, they are taken until enough are chosen.</param>
/// <param name="wanted">The number of elements to choose.</param>
/// <param name="random">The random numbers.</param>
internal sealed class Sampler(long from, long wanted, Random random)
{
    private long _left = from;
    private long _wanted = Math.Min(wanted, from);

    /// <summary>The number of elements that will be chosen.</summary>
    public long Chosen { get; } = Math.Min(wanted, from);

    /// <summary>Whether the next element is chosen.</summary>
    public bool Take()
    {
        if (_wanted == 0) return false;
        var taken = random.NextDouble() * _left < _wanted;
        if (_left > 1) _left--;
        if (taken) _wanted--;
        return taken;
    }
}
