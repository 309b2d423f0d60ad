using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using NasSync.Tests.Support;
using Xunit.Abstractions;

namespace NasSync.Tests.Faults.Model;

/// <summary>
/// Random stories of producers, people, faults and crashes, played on the real engine and held against a small model of what must be. Each failure
/// is shortened and printed as steps that <see cref="StoryTests"/> can take. What a run plays is the same on every machine; <c>NASSYNC_MODEL_SECONDS</c>
/// is how long to go on with stories that nobody has played yet, <c>NASSYNC_MODEL_SEED</c> where these begin.
/// </summary>
[Needs("linux")]
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int StoriesOfASeed = 8;
    private const int FewestSteps = 6;
    private const int MostSteps = 25;

    private const ulong UsualSeed = 100;
    private const int UsualSeeds = 4;

    [NeedsTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Stories_that_are_always_the_same_keep_every_promise(ulong seed) => Play(seed);

    [RequiresFact("linux")]
    public void Stories_that_nobody_has_played_yet_keep_every_promise()
    {
        var longest = TimeSpan.FromSeconds(Number("NASSYNC_MODEL_SECONDS", 0));
        var seed = Number("NASSYNC_MODEL_SEED", longest > TimeSpan.Zero ? (ulong)Environment.TickCount64 : UsualSeed);
        var clock = Stopwatch.StartNew();
        for (var played = 0; longest > TimeSpan.Zero ? clock.Elapsed < longest : played < UsualSeeds; played++) Play(seed++);
    }

    private void Play(ulong seed)
    {
        output.WriteLine($"NASSYNC_MODEL_SEED={seed}");
        var (stories, steps, runs, killed) = (0, 0, 0, 0);
        var config = FsCheck.Config.QuickThrowOnFailure
            .WithQuietOnSuccess(true)
            .WithMaxTest(StoriesOfASeed)
            .WithStartSize(FewestSteps)
            .WithEndSize(MostSteps)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None)));
        Check.One(config, Prop.ForAll(Story.Any, story =>
        {
            var (all, ended) = StoryTests.PlayAsync(story).GetAwaiter().GetResult();
            (stories, steps, runs, killed) = (stories + 1, steps + story.Steps.Count, runs + all, killed + ended);
        }));
        output.WriteLine($"{stories} stories, {steps} steps, {runs} runs, {killed} of them killed");
    }

    private static ulong Number(string variable, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
