namespace NasSync.Verifying;

/// <summary>
/// Chooses so many of a known number of things that come one by one: each with the same chance, none twice, and nothing is kept (Knuth's
/// selection sampling).
/// </summary>
/// <param name="from">How many will come; of any that come beyond, all that are still wanted are taken.</param>
/// <param name="wanted">How many to choose.</param>
/// <param name="random">The chance.</param>
internal sealed class Sampler(long from, long wanted, Random random)
{
    private long _left = from;
    private long _wanted = Math.Min(wanted, from);

    /// <summary>How many will be chosen.</summary>
    public long Chosen { get; } = Math.Min(wanted, from);

    /// <summary>Whether the next one is chosen.</summary>
    public bool Take()
    {
        if (_wanted == 0) return false;
        var taken = random.NextDouble() * _left < _wanted;
        if (_left > 1) _left--;
        if (taken) _wanted--;
        return taken;
    }
}
