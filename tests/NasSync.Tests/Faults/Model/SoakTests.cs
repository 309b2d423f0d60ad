using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using NasSync.Tests.Faults.Crashes;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Model;

/// <summary>
/// Plays stories for a chosen time on a folder, an SSH host and a bucket behind bad lines, with runs that are killed at random moments. It also
/// watches this process's memory, files and threads. <c>bench/soak --minutes N</c> runs it.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int MostSteps = 14;
    private const int WarmUp = 3;

    // A constant number of files may stay open between stories; growth with each story is a leak.
    private const int MoreFiles = 40;
    private const int MoreThreads = 40;
    private static readonly FSharpOption<int> AnySize = FSharpOption<int>.Some(MostSteps);

    [RequiresFact("soak", "linux", SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public async Task Stories_on_real_places_keep_every_promise()
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable(Requires.SoakVariable)!, CultureInfo.InvariantCulture);
        var seed = ulong.TryParse(
            Environment.GetEnvironmentVariable("NASSYNC_MODEL_SEED"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var given) ? given : (ulong)Environment.TickCount64;
        Tell($"NASSYNC_MODEL_SEED={seed}");
        await using var ssh = await SshServer.StartAsync();
        await using var sshLine = FaultProxy.Before(ssh.Port);
        await using var s3Line = FaultProxy.Before((await CephServer.GetAsync()).Endpoint.Port);
        var clock = Stopwatch.StartNew();
        var (stories, steps, runs, killed) = (0, 0, 0, 0);
        var violations = new List<string>();
        var samples = new List<Held>();
        for (; clock.Elapsed.TotalMinutes < minutes; seed++)
        {
            var story = Of(seed);
            using var folder = new TempFolder("/dev/shm");
            var lines = new FaultProxy?[] { null, sshLine, s3Line };
            await using var world = new ModelWorld(
                folder,
                [
                    CrashPlace.Folder(folder.MakeFolder("plain")),
                    await CrashPlace.MakeAsync("sftp", folder, ssh, sshLine),
                    await CrashPlace.MakeAsync("s3", folder, null, s3Line),
                ],
                40, 40, 5_000, 1_100_000, 18_000_000)
            {
                Lines = lines,
                AfterKill = ssh.DropConnections,
            };
            try
            {
                await world.PlayAsync(story);
            }
            catch (Exception e)
            {
                violations.Add($"seed {seed}: {e.Message}");
                Tell($"VIOLATION, seed {seed}: {e}\nafter {world.Taken} steps of:{story}");
            }

            (stories, steps, runs, killed) = (stories + 1, steps + story.Steps.Count, runs + world.Runs.All, killed + world.Runs.Killed);
            samples.Add(Held.Now());
            Tell($"{clock.Elapsed:hh\\:mm\\:ss} {stories} stories, {steps} steps, {runs} runs, {killed} killed, {violations.Count} violations; "
                + $"{samples[^1]}");
        }

        Tell($"first: {samples[0]}; last: {samples[^1]}; most: {samples.Max(sample => sample.MemoryMiB)} MiB");
        Assert.True(violations.Count == 0, $"{violations.Count} violations\n{string.Join('\n', violations)}");
        Assert.True(stories > WarmUp, $"only {stories} stories");
        var (before, after) = (samples[WarmUp - 1], samples[^1]);
        Assert.True(after.Files <= before.Files + MoreFiles && after.Threads <= before.Threads + MoreThreads, $"it held {before} and holds {after}");
    }

    private static Story Of(ulong seed)
    {
        var config = FsCheck.Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(1).WithStartSize(MostSteps).WithEndSize(MostSteps)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), AnySize)));
        Story? story = null;
        Check.One(config, Prop.ForAll(Story.Stories(SoakStep()).ToArbitrary(), one => story = one));
        return story!;
    }

    private static Gen<Step> SoakStep()
    {
        var lines = Gen.Choose(1, 2);
        return Gen.Frequency(
            (28, Story.AnyChange(3)),
            (6, from delay in Gen.Choose(0, 900) select (Step)new Kill(delay)),
            (6, from place in lines
                from fault in Gen.Frequency(
                    (8, Gen.Constant(LineFault.Reset)), (8, Gen.Constant(LineFault.Close)), (1, Gen.Constant(LineFault.HalfOpen)))
                from direction in Gen.Elements(Direction.ToServer, Direction.ToClient)
                from bytes in Gen.Elements(0, 500, 3_000, 5_000, 20_000, 300_000, 2_000_000)
                select (Step)new BadLine(place, fault, direction, bytes)),
            (2, from place in lines select (Step)new NoLine(place)));
    }

    // Writes to the console too, because people watch a soak.
    private void Tell(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }

    /// <summary>The resources that this process holds.</summary>
    private sealed record Held(long MemoryMiB, int Files, int Threads)
    {
        public static Held Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            using var self = Process.GetCurrentProcess();
            return new(self.WorkingSet64 >> 20, Directory.GetFiles("/proc/self/fd").Length, self.Threads.Count);
        }

        public override string ToString() => $"{MemoryMiB} MiB, {Files} open files, {Threads} threads";
    }
}

/// <summary>A run of the program that is killed after a delay.</summary>
internal sealed record Kill(int DelayMs) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.KillAsync(DelayMs);

    public override string ToString() => $"new Kill({DelayMs})";
}

/// <summary>A run in which the next connection to a place breaks after a number of bytes.</summary>
internal sealed record BadLine(int Place, LineFault Fault, Direction Direction, long AfterBytes) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.BadLineAsync(Place, Fault, Direction, AfterBytes);

    public override string ToString() => $"new BadLine({Place}, LineFault.{Fault}, Direction.{Direction}, {AfterBytes})";
}

/// <summary>A run while a place refuses connections.</summary>
internal sealed record NoLine(int Place) : Step
{
    public override Task TakeAsync(ModelWorld world) => world.NoLineAsync(Place);

    public override string ToString() => $"new NoLine({Place})";
}
