using System.Text.Json;
using NasSync.Config;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class EventLogTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _trouble = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_line_is_an_event_with_its_time_and_the_stream_passes_unchanged()
    {
        TransferEvent[] events = [SampleEvents.Committed(), SampleEvents.Failed(), SampleEvents.Finished()];
        Assert.Equal(events, await Run(Config("logs/new/sync.jsonl"), events));
        var lines = File.ReadAllLines(_folder["logs/new/sync.jsonl"]);
        Assert.Equal(
            ["committed", "failed", "finished"],
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()));
        Assert.All(lines, line => Assert.True(JsonDocument.Parse(line).RootElement.TryGetProperty("time", out _)));
        Assert.Empty(_trouble);
    }

    [Fact]
    public async Task A_second_run_appends()
    {
        await Run(Config("sync.jsonl"), SampleEvents.Finished());
        await Run(Config("sync.jsonl"), SampleEvents.Finished());
        Assert.Equal(2, File.ReadAllLines(_folder["sync.jsonl"]).Length);
    }

    [Theory]
    [InlineData(LogLevel.Debug, 5)]
    [InlineData(LogLevel.Info, 4)]
    [InlineData(LogLevel.Warning, 2)]
    [InlineData(LogLevel.Error, 1)]
    public async Task The_level_decides_what_is_written(LogLevel level, int lines)
    {
        await Run(
            Config("sync.jsonl") with { LogLevel = level },
            new TransferEvent.Progress(SampleEvents.Item(), 1),
            SampleEvents.Committed(),
            SampleEvents.Skipped(SkipKind.Unchanged),
            SampleEvents.Skipped(SkipKind.Unrouted),
            SampleEvents.Failed());
        Assert.Equal(lines, File.ReadAllLines(_folder["sync.jsonl"]).Length);
    }

    [Fact]
    public async Task A_log_that_cannot_be_opened_is_reported_once_and_stops_nothing()
    {
        _folder.Write("file", "in the way");
        TransferEvent[] events = [SampleEvents.Committed(), SampleEvents.Committed(), SampleEvents.Finished()];
        Assert.Equal(events, await Run(Config("file/sync.jsonl"), events));
        Assert.Contains("sync.jsonl cannot be written", Assert.Single(_trouble));
    }

    [RequiresFact("/dev/full")]
    public async Task A_full_disk_is_reported_once_and_stops_nothing()
    {
        TransferEvent[] events = [SampleEvents.Committed(), SampleEvents.Committed(), SampleEvents.Finished()];
        Assert.Equal(events, await Run(Config("/dev/full"), events));
        Assert.Single(_trouble);
    }

    [Fact]
    public async Task Without_a_log_file_nothing_is_written()
    {
        await Run(Config("unused") with { LogFile = null }, SampleEvents.Finished());
        Assert.Empty(_folder.Files());
    }

    private SyncConfig Config(string log) => new() { WorkDir = _folder["work"], LogFile = _folder[log] };

    private async Task<List<TransferEvent>> Run(SyncConfig config, params TransferEvent[] events)
    {
        var passed = new List<TransferEvent>();
        await foreach (var transferEvent in EventLog.Tee(SampleEvents.Stream(events), config, _trouble.Add)) passed.Add(transferEvent);
        return passed;
    }
}
