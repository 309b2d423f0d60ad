using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;

namespace NasSync.Tests.Support;

/// <summary>
/// FsCheck settings with a fixed seed, so that a property gets the same inputs in each run and on every machine. <c>NASSYNC_FUZZ_SEED</c> changes
/// the seed (default 1).
/// </summary>
internal static class SameEachTime
{
    private static readonly ulong Seed =
        ulong.TryParse(
            Environment.GetEnvironmentVariable("NASSYNC_FUZZ_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    /// <summary>A number of inputs from the usual seed.</summary>
    public static FsCheck.Config Tries(int tests) => Tries(tests, Seed);

    /// <summary>A number of inputs from a given seed.</summary>
    public static FsCheck.Config Tries(int tests, ulong seed) =>
        FsCheck.Config.QuickThrowOnFailure
            .WithMaxTest(tests)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None)));
}
