using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Model;

/// <summary>Stories that once broke a promise, and violations that the model must detect.</summary>
public sealed class StoryTests
{
    [RequiresFact("linux")]
    public Task A_story_of_everything_once_comes_to_rest() => PlayAsync(
        new WriteJob("j1", 7),
        new PutForeign(0, "sound/song.m4a", false),
        new Sync(false),
        new ChangeSource("j1", "mix.m4a", false, false),
        new Crash("local.renamed", 1),
        new WriteJob("j2", 7),
        new FaultySync(1, DestinationCall.Commit, FailureClass.Transient, true, 1),
        new SpoiltSync(0),
        new ChangeCopy(0),
        new DeleteCopy(1),
        new Retry(),
        new Sync(true),
        new LoseLedger(LedgerLoss.Damaged),
        new RenameJob("j1"),
        new Settle());

    [RequiresFact("linux")]
    public Task A_source_waits_for_its_second_copy_and_then_for_the_first_that_someone_deleted_meanwhile() => PlayAsync(
        new WriteJob("j1", 4),
        new FaultySync(1, DestinationCall.Begin, FailureClass.Permission, false, 1),
        new DeleteCopy(0),
        new Sync(false));

    [RequiresFact("linux")]
    public Task What_a_killed_run_put_over_a_recorded_copy_is_recorded_although_its_job_is_gone() => PlayAsync(
        new WriteJob("j1", 7),
        new FaultySync(0, DestinationCall.Commit, FailureClass.Permission, false, 1),
        new ChangeSource("j1", "mix.m4a", false, false),
        new Crash("local.folder-fsynced", 3),
        new RemoveJob("j1"));

    [RequiresFact("linux")]
    public Task A_lost_ledger_and_a_source_that_was_released_before_come_to_rest() => PlayAsync(
        new WriteJob("j1", 4),
        new Settle(),
        new LoseLedger(LedgerLoss.Deleted));

    [RequiresFact("linux")]
    public Task A_ledger_that_is_lost_before_anything_was_copied_keeps_no_job_waiting() => PlayAsync(
        new Sync(false),
        new LoseLedger(LedgerLoss.Deleted),
        new WriteJob("j1", 1));

    [RequiresFact("linux")]
    public Task A_place_that_refused_its_first_copy_is_new_although_the_ledger_is_lost() => PlayAsync(
        new WriteJob("j1", 2),
        new FaultySync(1, DestinationCall.Begin, FailureClass.Permission, false, 1),
        new LoseLedger(LedgerLoss.Deleted));

    internal static async Task<(int Runs, int Killed)> PlayAsync(Story story)
    {
        using var folder = new TempFolder(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        await using var world = ModelWorld.OfFolders(folder);
        await world.PlayAsync(story);
        return world.Runs;
    }

    private static Task<(int Runs, int Killed)> PlayAsync(params Step[] steps) => PlayAsync(new Story(steps));
}
