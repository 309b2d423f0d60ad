using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Model;

/// <summary>
/// Plays random stories of producers, people, faults and crashes on the real engine and compares the result with a small model. A failing story is
/// shortened and printed as steps that can be pasted into <see cref="StoryTests"/>. The stories are the same on every machine, unless
/// <c>NASSYNC_MODEL_SECONDS</c> asks for new ones; <c>NASSYNC_MODEL_SEED</c> is their first seed.
/// </summary>
[Needs("linux")]
[Long]
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int StoriesOfASeed = 8;
    private const int FewestSteps = 6;
    private const int MostSteps = 25;

    [NeedsTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Stories_that_are_always_the_same_keep_every_promise(ulong seed) => Play(seed);

    // Plays more stories of the two kinds above.
    [RequiresFact("linux", "patience")]
    public void More_stories_that_are_always_the_same_keep_every_promise()
    {
        for (var seed = 100UL; seed < 104; seed++) Play(seed);
    }

    [RequiresFact("linux", "news")]
    public void Stories_that_nobody_has_played_yet_keep_every_promise()
    {
        var longest = TimeSpan.FromSeconds(Number(Requires.NewsVariable) ?? 0);
        var seed = Number("NASSYNC_MODEL_SEED") ?? (ulong)Environment.TickCount64;
        var clock = Stopwatch.StartNew();
        do Play(seed++);
        while (clock.Elapsed < longest);
    }

    private void Play(ulong seed)
    {
        output.WriteLine($"NASSYNC_MODEL_SEED={seed}");
        var (stories, steps, runs, killed) = (0, 0, 0, 0);
        var config = SameEachTime.Tries(StoriesOfASeed, seed).WithQuietOnSuccess(true).WithStartSize(FewestSteps).WithEndSize(MostSteps);
        Check.One(config, Prop.ForAll(Story.Any, story =>
        {
            var (all, ended) = StoryTests.PlayAsync(story).GetAwaiter().GetResult();
            (stories, steps, runs, killed) = (stories + 1, steps + story.Steps.Count, runs + all, killed + ended);
        }));
        output.WriteLine($"{stories} stories, {steps} steps, {runs} runs, {killed} of them killed");
    }

    private static ulong? Number(string variable) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
