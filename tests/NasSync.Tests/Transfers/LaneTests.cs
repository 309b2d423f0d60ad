using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class LaneTests
{
    private const int Block = SourceFeed.BlockBytes;

    [Theory]
    [InlineData(true, Block, 16)]
    [InlineData(true, Block + 1, 2)]
    [InlineData(false, Block, 8)]
    [InlineData(false, Block + 1, 2)]
    public async Task Eight_small_files_take_the_slot_of_a_large_one_at_a_remote_place_and_four_in_a_folder(bool isRemote, int size, int atOnce)
    {
        await using var lane = new Lane(new MemoryDestination(TimeProvider.System), Watch(), isRemote, 2);
        var entered = 0;
        while (entered < 100 && await lane.EnterAsync(Item(size), default)) entered++;
        Assert.Equal(atOnce, entered);
    }

    [Fact]
    public async Task A_large_file_that_waits_is_not_overtaken_and_leaves_room_for_many()
    {
        await using var lane = new Lane(new MemoryDestination(TimeProvider.System), Watch(), true, 1);
        var (first, second, large) = (Item(1), Item(1), Item(Block + 1));
        Assert.True(await lane.EnterAsync(first, default));
        Assert.True(await lane.EnterAsync(second, default));
        Assert.False(await lane.EnterAsync(large, default));
        List<PlanItem> behind = [Item(1), Item(1)];
        foreach (var item in behind) Assert.False(await lane.EnterAsync(item, default));
        Assert.Empty(lane.Leave(first));
        Assert.Equal([large], lane.Leave(second));
        Assert.Equal(behind, lane.Leave(large));
    }

    private static PlanItem Item(int size) => new()
    {
        Manifest = SampleEvents.Manifest(),
        Artifact = null!,
        Action = PlanAction.Copy,
        Reason = $"{Guid.NewGuid()}",
        Source = new FileState(size, 0, 0, 0),
    };

    private static HangWatch Watch() => new("nas", TimeSpan.FromMinutes(1), new ManualTime());
}
