using System.Text.Json;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class TransferEventJsonTests
{
    private static readonly string[] ItemFields =
        ["event", "jobId", "artifact", "destination", "target", "size", "sha256", "verifiedBy", "durability"];

    private static readonly string[] Names = [
        "warned", "planned", "started", "progress", "retrying", "committed", "skipped", "failed", "released", "jobCleared", "jobFinished", "finished",
    ];

    public static TheoryData<string> EveryEvent => [.. Names];

    [Fact]
    public void Every_event_there_is_stands_in_the_table_of_these_tests() => Assert.Equal(
        Enumerable.Order(typeof(TransferEvent).GetNestedTypes().Select(type => JsonNamingPolicy.CamelCase.ConvertName(type.Name))), Names.Order());

    [Theory]
    [MemberData(nameof(EveryEvent))]
    public void Every_event_is_one_object_with_its_name_first(string name)
    {
        var json = SampleEvents.Json(Named(name));
        Assert.Equal(name, json.EnumerateObject().First().Value.GetString());
    }

    [Theory]
    [InlineData("committed")]
    [InlineData("skipped")]
    [InlineData("failed")]
    public void Every_item_line_has_the_same_nine_fields_first(string name) =>
        Assert.Equal(ItemFields, SampleEvents.Json(Named(name)).EnumerateObject().Take(9).Select(p => p.Name));

    [Fact]
    public void A_copy_says_how_it_was_proven()
    {
        var json = SampleEvents.Json(SampleEvents.Committed());
        Assert.Equal("readBackCached", json.GetProperty("verifiedBy").GetString());
        Assert.Equal("fsynced", json.GetProperty("durability").GetString());
        Assert.Equal(1536, json.GetProperty("size").GetInt64());
        Assert.Equal("/mnt/nas/Instrumental/Song.m4a", json.GetProperty("target").GetString());
        Assert.Equal("local", json.GetProperty("destination").GetString());
        Assert.Equal(12, json.GetProperty("elapsedMs").GetInt64());
    }

    [Fact]
    public void A_failed_manifest_has_a_subject_and_no_job()
    {
        var json = SampleEvents.Json(new TransferEvent.Failed("/outputs/x/manifest.json", SampleEvents.Failure(FailureClass.NoSpace, "DiskFull")));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("jobId").ValueKind);
        Assert.Equal("/outputs/x/manifest.json", json.GetProperty("subject").GetString());
        Assert.Equal("noSpace", json.GetProperty("class").GetString());
        Assert.Equal("DiskFull", json.GetProperty("code").GetString());
        Assert.True(json.GetProperty("transient").GetBoolean());
    }

    [Fact]
    public void The_last_line_carries_every_count()
    {
        var result = new SyncResult
        {
            Manifests = 1,
            Committed = 2,
            Unchanged = 3,
            AlreadyPresent = 4,
            Skipped = 5,
            Failed = 6,
            Released = 9,
            Bytes = 7,
            Elapsed = TimeSpan.FromSeconds(0.0084),
            Stopped = true,
            DryRun = true,
            ExitCode = ExitCode.SafetyStop,
        };
        Assert.Equal(
            """{"event":"finished","manifests":1,"committed":2,"unchanged":3,"alreadyPresent":4,"skipped":5,"failed":6,"released":9,"bytes":7,"elapsedMs":8,"stopped":true,"dryRun":true,"exitCode":8}""",
            TransferEventJson.ToLine(new TransferEvent.Finished(result)));
    }

    [Theory]
    [InlineData("a\nb.m4a")]
    [InlineData("a\tb\r.m4a")]
    [InlineData("\u001b[31mred.m4a")]
    [InlineData("a\u0085b\u2028c.m4a")]
    [InlineData("quote\".m4a")]
    [InlineData("🎵 Ünïcødé 音楽.m4a")]
    public void A_name_never_breaks_its_line_and_survives_it(string name)
    {
        var line = TransferEventJson.ToLine(SampleEvents.Committed(path: name));
        Assert.DoesNotContain(line, char.IsControl);
        Assert.DoesNotContain('\u2028', line);
        Assert.Equal(name, JsonDocument.Parse(line).RootElement.GetProperty("artifact").GetString());
    }

    [Fact]
    public void Letters_and_punctuation_stay_readable() =>
        Assert.Contains("Émile & <音楽>'s.m4a", TransferEventJson.ToLine(SampleEvents.Committed(path: "Émile & <音楽>'s.m4a")));

    [Fact]
    public void The_time_comes_first_and_in_utc() =>
        Assert.StartsWith(
            """{"time":"2026-01-14T12:00:00Z","event":"committed",""",
            TransferEventJson.ToLine(SampleEvents.Committed(), SampleEvents.Noon.ToOffset(TimeSpan.FromHours(2))));

    private static TransferEvent Named(string name) => name switch
    {
        "retrying" => new TransferEvent.Retrying(
            SampleEvents.Item(), new Failure(FailureClass.Transient, "ConnectionLost", "It broke.", "Wait."), TimeSpan.FromSeconds(2)),
        "warned" => new TransferEvent.Warned(new Notice("LedgerLost", "It is gone.", "A new one is made.")),
        "planned" => SampleEvents.Planned(SampleEvents.Item()),
        "started" => new TransferEvent.Started(SampleEvents.Item()),
        "progress" => new TransferEvent.Progress(SampleEvents.Item(), 100),
        "committed" => SampleEvents.Committed(),
        "skipped" => SampleEvents.Skipped(SkipKind.Unrouted),
        "released" => new TransferEvent.Released(SampleEvents.Manifest(), SampleEvents.Artifact()),
        "jobCleared" => new TransferEvent.JobCleared(SampleEvents.Manifest(), "/archive/job_1"),
        "failed" => SampleEvents.Failed(),
        "jobFinished" => new TransferEvent.JobFinished("/outputs/job_1/manifest.json", "job_1", new SyncResult { Committed = 1 }),
        _ => SampleEvents.Finished(),
    };
}
