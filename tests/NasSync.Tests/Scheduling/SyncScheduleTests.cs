using NasSync.Scheduling;

namespace NasSync.Tests.Scheduling;

public sealed class SyncScheduleTests
{
    [Theory]
    [InlineData("15m", "every 15m")]
    [InlineData("90s", "every 90s")]
    [InlineData("2h", "every 2h")]
    [InlineData("02:30", "daily at 02:30")]
    [InlineData("14:30, 2:05:10,14:30", "daily at 02:05:10, 14:30")]
    public void What_people_write_is_read(string text, string schedule)
    {
        Assert.Null(SyncSchedule.Parse(text, out var read));
        Assert.Equal(schedule, read!.ToString());
    }

    [Theory]
    [InlineData("59s", "from 1m to 31d")]
    [InlineData("15", "'15' is 15 seconds, which is out of range; write an interval from 1m to 31d with its unit, such as 15m or 2h.")]
    [InlineData("32d", "from 1m to 31d")]
    [InlineData("soon", "250ms, 5s, 5m or 1h")]
    [InlineData("25:00", "02:30")]
    [InlineData("02:30,", "02:30")]
    [InlineData("", "250ms")]
    public void What_is_no_schedule_is_told_with_a_right_one(string text, string cure)
    {
        Assert.Contains(cure, SyncSchedule.Parse(text, out var read));
        Assert.Null(read);
    }
}
