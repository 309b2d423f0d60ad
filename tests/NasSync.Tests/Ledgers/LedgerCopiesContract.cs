using NasSync.Ledgers;
using NasSync.Planning;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

public sealed class SqliteCopiesTests : LedgerCopiesContract<SqlitePlace>;

[Needs("postgres")]
public sealed class PostgresCopiesTests : LedgerCopiesContract<PostgresPlace>;

/// <summary>What a ledger keeps of copies, wherever it is.</summary>
public abstract class LedgerCopiesContract<TPlace> : IDisposable
    where TPlace : LedgerPlace, new()
{
    private readonly TPlace _place = new();
    private readonly Ledger _ledger;

    protected LedgerCopiesContract() => _ledger = _place.Open();

    public void Dispose()
    {
        _ledger.Dispose();
        _place.Dispose();
        GC.SuppressFinalize(this);
    }

    [NeedsFact]
    public void A_copy_comes_back_as_it_was_recorded()
    {
        var copy = Copy("job_1", "a.m4a", At("Song.m4a"), At("Song (job_1).m4a"));
        _ledger.Record([copy]);

        Assert.Equal(copy, Assert.Single(_ledger.OfJob("job_1")));
        Assert.Equal(copy, _ledger.Owner(copy.Target));
        Assert.Null(_ledger.Owner(copy.Requested));
    }

    [NeedsTheory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void That_a_copy_was_adopted_and_that_its_source_was_released_comes_back_until_it_is_recorded_anew(bool isAdopted, bool isReleased)
    {
        var copy = Copy("job_1", "a.m4a", At("Song.m4a")) with { IsAdopted = isAdopted, ReleasedAt = isReleased ? Noon.AddDays(1) : null };
        _ledger.Record([copy]);

        Assert.Equal(copy, Assert.Single(_ledger.OfJob("job_1")));
        var known = new KnownCopies();
        _ledger.Know("job_1", known);
        Assert.Equal((isAdopted, isReleased), (known[0].IsAdopted, known[0].IsReleased));

        _ledger.Record([copy with { IsAdopted = false, ReleasedAt = null }]);
        Assert.Equal((false, null), (_ledger.Owner(copy.Target)!.IsAdopted, _ledger.Owner(copy.Target)!.ReleasedAt));
    }

    [NeedsFact]
    public void A_source_that_may_be_gone_is_noted_with_its_last_copy_and_the_note_is_taken_back_where_it_stayed()
    {
        var (first, second) = (Copy("job_1", "a.m4a", At("a.m4a")), Copy("job_1", "a.m4a", At("a.m4a", "/vault")));
        _ledger.Record([first, Copy("job_1", "b.m4a", At("b.m4a"))]);
        _ledger.Record([second], [new("job_1", "a.m4a")], Noon);
        Assert.Equal(["a.m4a", "a.m4a"], _ledger.OfJob("job_1").Where(row => row.ReleasedAt == Noon).Select(row => row.Artifact));

        _ledger.KeepSource(new("job_1", "a.m4a"), Noon.AddHours(1));
        _ledger.MarkReleased([new("job_1", "a.m4a")], Noon.AddHours(1));
        Assert.Equal(2, _ledger.OfJob("job_1").Count(row => row.ReleasedAt == Noon));

        _ledger.KeepSource(new("job_1", "a.m4a"), Noon);
        Assert.All(_ledger.OfJob("job_1"), row => Assert.Null(row.ReleasedAt));
    }

    [NeedsFact]
    public void The_copy_of_a_released_source_keeps_its_row_when_its_job_has_another_file_beside_it()
    {
        var first = Copy("job_1", "a.m4a", At("a.m4a")) with { ReleasedAt = Noon };
        var second = Copy("job_1", "a.m4a", At("a.m4a"), At("a (job_1).m4a"), Noon.AddHours(1)) with { ReleasedAt = Noon };
        var third = Copy("job_1", "a.m4a", At("a.m4a"), At("a (job_1 2).m4a"), Noon.AddHours(2));
        foreach (var copy in new[] { first, second, third }) _ledger.Record([copy]);

        Assert.Equal([third, second with { IsFormer = true }, first with { IsFormer = true }], _ledger.Copies());
        Assert.Equal(first with { IsFormer = true }, _ledger.Owner(first.Target));
        var known = new KnownCopies();
        _ledger.Know("job_1", known);
        Assert.Equal([third.Target], Enumerable.Range(0, known.Count).Select(at => known[at].Target));

        // At the very place it is the same copy, made anew.
        _ledger.Record([third with { ReleasedAt = Noon }]);
        _ledger.Record([third]);
        Assert.Equal(3, _ledger.OfJob("job_1").Count);
    }

    [NeedsFact]
    public void What_is_unknown_of_a_copy_stays_unknown()
    {
        var copy = Copy("job_1", "a.m4a", At("Song.m4a"));
        var receipt = copy.Receipt with
        {
            Sha256 = null,
            Target = null,
            MtimeKept = true,
            VerifiedBy = VerifiedBy.SharedExtents,
            Durability = Durability.Cached,
        };
        copy = copy with { Receipt = receipt };
        _ledger.Record([copy]);

        Assert.Equal(copy, Assert.Single(_ledger.OfJob("job_1")));
    }

    [NeedsTheory]
    [InlineData("Ünïcode/日本語 🎵.m4a")]
    [InlineData("e\u0301 (not é).m4a")]
    [InlineData("line\nbreak\tand\u001besc.m4a")]
    [InlineData("'; drop table copies; --.m4a")]
    [InlineData(" leading and trailing ")]
    [InlineData("-rf @job %s ?1 $x :y")]
    [InlineData("ß ﬁ İ ı \u202e")]
    public void Names_come_back_character_by_character(string name)
    {
        var copy = Copy(name, name, At(name));
        _ledger.Record([copy]);

        Assert.Equal(copy, Assert.Single(_ledger.OfJob(name)));
        Assert.Equal(copy, _ledger.Owner(At(name)));
    }

    [NeedsTheory]
    [InlineData("a.m4a", "Song.m4a")]
    [InlineData("a.m4a", "Other.m4a")]
    [InlineData("b.m4a", "Song.m4a")]
    [InlineData("Ünï.m4a", "日本語.m4a")]
    [InlineData(null, null)]
    public void What_is_compared_of_a_copy_is_what_was_recorded_of_it_whatever_was_expected(string? artifact, string? path)
    {
        var plain = Copy("job_1", "a.m4a", At("Song.m4a"));
        var beside = Copy("job_1", "a.m4a", At("Song.m4a", destination: "studio"), At("Song (job_1).m4a", destination: "studio"));
        var unhashed =
            Copy("job_1", "Ünï.m4a", At("日本語.m4a")) with { Receipt = plain.Receipt with { Sha256 = null, VerifiedBy = VerifiedBy.SharedExtents } };
        _ledger.Record([plain, beside, unhashed, Copy("job_1", "c.m4a", At("Taken.m4a")), Copy("job_2", "c.m4a", At("Taken.m4a"))]);

        var known = new KnownCopies();
        known.Expect(artifact is null ? [] : [.. Enumerable.Repeat(Wish(artifact, path!), 3)]);
        _ledger.Know("job_1", known);

        var recorded = _ledger.OfJob("job_1");
        Assert.Equal(4, recorded.Count);
        Assert.Equal(
            recorded.Select(KnownCopy.Of).OrderBy(copy => copy.Requested.Key),
            Enumerable.Range(0, known.Count).Select(at => known[at]).OrderBy(copy => copy.Requested.Key));
        _ledger.Know("job_3", known);
        Assert.Equal(0, known.Count);
    }

    private static RouteDecision Wish(string artifact, string path)
    {
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact(artifact));
        return InMemory.Decision(manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, At(path));
    }

    [NeedsFact]
    public void A_job_with_a_NUL_in_its_name_is_not_taken_for_another()
    {
        var copy = Copy("job\0one", "a.m4a", At("a.m4a"));
        _ledger.Record([copy, Copy("job\0two", "a.m4a", At("b.m4a"))]);

        Assert.Equal(copy, Assert.Single(_ledger.OfJob("job\0one")));
        Assert.Empty(_ledger.OfJob("job"));
    }

    [NeedsFact]
    public void Names_may_be_as_long_as_a_path_may_be()
    {
        // So that nothing can be shortened by packing it.
        var random = new Random(7);
        string Long() => new([.. Enumerable.Range(0, 4000).Select(_ => (char)random.Next('a', 'z' + 1))]);
        var (artifact, path) = (Long(), Long());
        var copy = Copy(artifact, artifact, At(path));
        _ledger.Record([copy, Copy(artifact, artifact + "2", At(path + "2"))]);
        _ledger.Record([copy]);
        _ledger.RecordFailures([Fail(path, artifact, artifact, At(path)), Fail(path, artifact, artifact + "2", At(path + "2"))]);

        Assert.Equal(2, _ledger.OfJob(artifact).Count);
        Assert.Equal(copy, _ledger.Owner(At(path)));
        Assert.Equal(2, _ledger.Failures().Count);
    }

    [NeedsFact]
    public void What_no_text_should_hold_comes_back_or_is_replaced()
    {
        var copy = Copy("\uFDD00\0\uFDD0 1", "a.m4a", At("a.m4a"));
        _ledger.Record([copy]);
        _ledger.RecordFailures([Fail("half \uD83C of a character")]);

        Assert.Equal(copy, Assert.Single(_ledger.OfJob(copy.JobId)));
        Assert.Equal("half \uFFFD of a character", Assert.Single(_ledger.Failures()).Subject);
    }

    [NeedsFact]
    public void Names_that_differ_only_in_case_or_form_are_different_artifacts()
    {
        string[] names = ["a.m4a", "A.m4a", "\u00e9.m4a", "e\u0301.m4a"];
        _ledger.Record([.. names.Select((name, i) => Copy("job_1", name, At($"{i}.m4a")))]);

        Assert.Equal(names.Order(StringComparer.Ordinal), _ledger.OfJob("job_1").Select(copy => copy.Artifact).Order(StringComparer.Ordinal));
    }

    [NeedsFact]
    public void Recording_again_replaces_the_row()
    {
        var first = Copy("job_1", "a.m4a", At("Song.m4a"));
        var second = first with { Generation = "other", Receipt = first.Receipt with { Size = 5, CommittedAt = Noon.AddHours(1) } };
        _ledger.Record([first]);
        _ledger.Record([second]);

        Assert.Equal(second, Assert.Single(_ledger.Copies()));
    }

    [NeedsFact]
    public void A_copy_at_another_requested_target_is_another_row()
    {
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a")), Copy("job_1", "a.m4a", At("Song.m4a", "/mnt/vault"))]);

        Assert.Equal(2, _ledger.OfJob("job_1").Count);
    }

    [NeedsFact]
    public void A_row_that_moved_owns_its_new_target_only()
    {
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"), At("Song (job_1).m4a"))]);
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);

        Assert.Null(_ledger.Owner(At("Song (job_1).m4a")));
        Assert.Equal("job_1", _ledger.Owner(At("Song.m4a"))?.JobId);
        Assert.Single(_ledger.OfJob("job_1"));
    }

    [NeedsTheory]
    [InlineData("SONG.m4a")]
    [InlineData("song.M4A")]
    public void A_file_of_another_job_is_superseded_at_the_same_place_whatever_its_case(string name)
    {
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);
        _ledger.Record([Copy("job_2", "b.m4a", At(name))]);

        Assert.Equal("job_2", Assert.Single(_ledger.OfJob("job_1")).SupersededBy);
        Assert.Null(Assert.Single(_ledger.OfJob("job_2")).SupersededBy);
        Assert.Equal("job_2", _ledger.Owner(At("Song.m4a"))?.JobId);
    }

    [NeedsFact]
    public void Another_artifact_of_the_same_job_is_superseded_too()
    {
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);
        _ledger.Record([Copy("job_1", "b.m4a", At("Song.m4a"))]);

        Assert.Equal("b.m4a", _ledger.Owner(At("Song.m4a"))?.Artifact);
        Assert.Equal("job_1", _ledger.OfJob("job_1").Single(copy => copy.Artifact == "a.m4a").SupersededBy);
    }

    [NeedsFact]
    public void A_superseded_copy_stands_again_when_it_is_recorded_again()
    {
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);
        _ledger.Record([Copy("job_2", "b.m4a", At("Song.m4a"))]);
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);

        Assert.Equal("job_1", _ledger.Owner(At("Song.m4a"))?.JobId);
        Assert.Equal("job_1", Assert.Single(_ledger.OfJob("job_2")).SupersededBy);
    }

    [NeedsFact]
    public void Two_copies_of_one_list_at_one_place_leave_the_last_standing()
    {
        _ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a")), Copy("job_2", "b.m4a", At("Song.m4a"))]);

        Assert.Equal("job_2", _ledger.Owner(At("Song.m4a"))?.JobId);
    }

    [NeedsFact]
    public void A_list_is_recorded_whole_or_not_at_all()
    {
        var bad = Copy("job_1", "b.m4a", At("b.m4a")) with { Generation = null! };

        var error = Assert.Throws<FailureException>(() => _ledger.Record([Copy("job_1", "a.m4a", At("a.m4a")), bad]));
        Assert.Equal((FailureClass.Bug, "LedgerError"), (error.Failure.Class, error.Failure.Code));
        Assert.Empty(_ledger.Copies());
        _ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        Assert.Single(_ledger.Copies());
    }

    [NeedsFact]
    public void Copies_are_listed_latest_first_over_page_ends()
    {
        // More than a page, and more equal times than a page, so that ties span its end.
        var copies = Enumerable.Range(0, 1_700).Select(i => Copy($"job_{i % 7}", $"{i}.m4a", At($"{i}.m4a"), at: Noon.AddSeconds(i / 600))).ToList();
        _ledger.Record(copies);

        var listed = _ledger.Copies().ToList();

        Assert.Equal(copies.Count, listed.Select(copy => (copy.JobId, copy.Artifact)).Distinct().Count());
        Assert.Equal(copies.Count, listed.Count);
        Assert.Equal(
            listed.OrderByDescending(copy => copy.Receipt.CommittedAt).Select(copy => copy.Receipt.CommittedAt),
            listed.Select(copy => copy.Receipt.CommittedAt));
        Assert.Equal(copies.Count(copy => copy.JobId == "job_3"), _ledger.Copies("job_3").Count());
    }

    [NeedsFact]
    public void The_ledger_can_be_written_while_its_copies_are_listed()
    {
        _ledger.Record([Copy("job_1", "a.m4a", At("a.m4a")), Copy("job_1", "b.m4a", At("b.m4a"))]);
        foreach (var copy in _ledger.Copies())
            _ledger.Record([copy]);

        Assert.Equal(2, _ledger.Copies().Count());
    }

    [NeedsFact]
    public void The_summary_counts_what_stands()
    {
        var vault = "backup@vault:/srv";
        _ledger.Record([
            Copy("job_1", "a.m4a", At("a.m4a"), size: 10),
            Copy("job_1", "b.m4a", At("b.m4a"), size: 20, at: Noon.AddDays(1)),
            Copy("job_2", "a.m4a", At("c.m4a"), size: 40),
            Copy("job_2", "a.m4a", At("a.m4a", vault, "vault"), size: long.MaxValue / 2),
            Copy("job_3", "x.m4a", At("a.m4a"), size: 100)]);

        Assert.Equal(
            [
                new DestinationSummary("local", "/mnt/nas/Audio", 3, 3, 160, Noon.AddDays(1)),
                new DestinationSummary("vault", vault, 1, 1, long.MaxValue / 2, Noon),
            ],
            _ledger.Summary());
    }

    [NeedsFact]
    public void Many_threads_may_use_it_at_once()
    {
        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 20; i++)
            {
                _ledger.Record([Copy($"job_{thread}", $"{i}.m4a", At($"{thread}/{i}.m4a"))]);
                Assert.Equal(i + 1, _ledger.OfJob($"job_{thread}").Count);
                Assert.NotNull(_ledger.Owner(At($"{thread}/{i}.m4a")));
            }
        });

        Assert.Equal(160, _ledger.Copies().Count());
    }
}
