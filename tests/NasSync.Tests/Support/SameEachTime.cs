using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;

namespace NasSync.Tests.Support;

/// <summary>How often FsCheck tries a property, and with what: the same inputs in each run and on every machine. <c>NASSYNC_FUZZ_SEED</c> is where they begin (default 1).</summary>
internal static class SameEachTime
{
    private static readonly ulong Seed =
        ulong.TryParse(Environment.GetEnvironmentVariable("NASSYNC_FUZZ_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    /// <summary>So many inputs of the usual seed.</summary>
    public static FsCheck.Config Tries(int tests) => Tries(tests, Seed);

    /// <summary>So many inputs of a seed of the test's own.</summary>
    public static FsCheck.Config Tries(int tests, ulong seed) =>
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None)));
}
