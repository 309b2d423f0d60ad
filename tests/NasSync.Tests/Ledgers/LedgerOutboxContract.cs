using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

public sealed class SqliteOutboxTests : LedgerOutboxContract<SqlitePlace>;

[Needs("postgres")]
public sealed class PostgresOutboxTests : LedgerOutboxContract<PostgresPlace>;

/// <summary>What a ledger keeps for webhooks, wherever it is.</summary>
public abstract class LedgerOutboxContract<TPlace> : IDisposable
    where TPlace : LedgerPlace, new()
{
    private readonly TPlace _place = new();
    private readonly Ledger _ledger;

    protected LedgerOutboxContract() => _ledger = _place.Open();

    private Outbox Outbox => _ledger.Outbox;

    public void Dispose()
    {
        _ledger.Dispose();
        _place.Dispose();
        GC.SuppressFinalize(this);
    }

    [NeedsFact]
    public void A_delivery_comes_back_as_it_was_kept_also_after_the_ledger_was_closed()
    {
        var delivery = Delivery("a") with { Body = "{\"message\":\"Grüße 🎵 \\u0000\"}", Attempts = 3, NextAt = Noon.AddHours(1), Holds = true };
        Assert.Equal(0, Outbox.Add([delivery], Noon));
        _ledger.Dispose();

        using var again = _place.Open();
        Assert.Equal(delivery, again.Outbox.Next("a", Noon));
        Assert.Null(again.Outbox.Next("b", Noon));
    }

    [NeedsFact]
    public void Each_hook_has_its_deliveries_in_their_order()
    {
        var (first, second, other) = (Delivery("a"), Delivery("a"), Delivery("b"));
        Outbox.Add([first, other, second], Noon);
        var third = Delivery("a");
        Outbox.Add([third], Noon);

        Assert.Equal(other.Id, Outbox.Next("b", Noon)!.Id);
        foreach (var expected in (Delivery[])[first, second, third])
        {
            var next = Outbox.Next("a", Noon)!;
            Assert.Equal(expected.Id, next.Id);
            Outbox.Delivered(next, Noon);
        }

        Assert.Null(Outbox.Next("a", Noon));
    }

    [NeedsFact]
    public void One_that_stands_aside_lets_the_others_pass_and_one_that_holds_does_not()
    {
        var (first, second) = (Delivery("a"), Delivery("a"));
        Outbox.Add([first, second], Noon);

        Outbox.Postpone(first with { Attempts = 1, NextAt = Noon.AddMinutes(5) }, "no", Noon);
        Assert.Equal(second.Id, Outbox.Next("a", Noon)!.Id);

        Outbox.Postpone(second with { Attempts = 1, NextAt = Noon.AddMinutes(9), Holds = true }, "no", Noon);
        Assert.Equal(second.Id, Outbox.Next("a", Noon)!.Id);
        Assert.Equal(second.Id, Outbox.Next("a", Noon.AddMinutes(6))!.Id);

        Outbox.Delivered(second, Noon.AddMinutes(9));
        Assert.Equal(first with { Attempts = 1, NextAt = Noon.AddMinutes(5) }, Outbox.Next("a", Noon));
    }

    [NeedsFact]
    public void Of_those_that_are_due_the_first_comes_first_and_else_the_one_that_is_due_next()
    {
        var (late, soon, due) = (Delivery("a") with { NextAt = Noon.AddHours(2) }, Delivery("a") with { NextAt = Noon.AddHours(1) }, Delivery("a"));
        Outbox.Add([late, soon, due], Noon);

        Assert.Equal(due.Id, Outbox.Next("a", Noon)!.Id);
        Outbox.Delivered(due, Noon);
        Assert.Equal(soon.Id, Outbox.Next("a", Noon)!.Id);
        Assert.Equal(late.Id, Outbox.Next("a", Noon.AddHours(3))!.Id);
    }

    [NeedsFact]
    public void The_state_of_a_hook_says_what_waits_what_arrived_and_what_went_wrong()
    {
        var (first, second, third) = (Delivery("a"), Delivery("a"), Delivery("a"));
        Outbox.Add([first, second, third], Noon);
        Outbox.Delivered(first, Noon.AddMinutes(1));
        Outbox.Postpone(second with { Attempts = 1, NextAt = Noon.AddMinutes(30), Holds = true }, "it answered 500", Noon.AddMinutes(2));

        Assert.Equal([new HookState("a", 2, Noon.AddMinutes(30), 1, 0, Noon.AddMinutes(1), Noon.AddMinutes(2), "it answered 500")], Outbox.States());

        Outbox.Drop(second, "it answered 500 again", Noon.AddMinutes(3));
        Assert.Equal([new HookState("a", 1, Noon, 1, 1, Noon.AddMinutes(1), Noon.AddMinutes(3), "it answered 500 again")], Outbox.States());

        Outbox.Delivered(third, Noon.AddMinutes(4));
        Assert.Equal([new HookState("a", 0, null, 2, 1, Noon.AddMinutes(4), null, null)], Outbox.States());
    }

    [NeedsFact]
    public void All_of_one_hook_can_be_dropped()
    {
        Outbox.Add([Delivery("a"), Delivery("b"), Delivery("a")], Noon);

        Assert.Equal(2, Outbox.DropAll("a", "gone", Noon));
        Assert.Equal(
            [("a", 0, 2L, "gone"), ("b", 1, 0L, null)],
            Outbox.States().Select(state => (state.Hook, state.Waiting, state.Dropped, state.Error)));
    }

    [NeedsFact]
    public void What_is_too_old_is_dropped_and_counted_when_something_new_comes()
    {
        Outbox.Add([Delivery("a"), Delivery("b"), Delivery("a")], Noon);
        var later = Noon + Outbox.MaxAge + TimeSpan.FromSeconds(1);

        Assert.Equal(3, Outbox.Add([Delivery("b") with { CreatedAt = later, NextAt = later }], later));
        Assert.Equal([("a", 0, 2L), ("b", 1, 1L)], Outbox.States().Select(state => (state.Hook, state.Waiting, state.Dropped)));
    }

    [NeedsFact]
    public void Of_one_hook_only_the_latest_are_kept_and_the_others_are_counted()
    {
        var all = Enumerable.Range(0, Outbox.MostPerHook).Select(_ => Delivery("a")).ToList();
        Assert.Equal(0, Outbox.Add([Delivery("b"), .. all], Noon));

        Assert.Equal(2, Outbox.Add([Delivery("a"), Delivery("a")], Noon));

        Assert.Equal(all[2].Id, Outbox.Next("a", Noon)!.Id);
        Assert.Equal([("a", Outbox.MostPerHook, 2L), ("b", 1, 0L)], Outbox.States().Select(state => (state.Hook, state.Waiting, state.Dropped)));
    }

    [NeedsFact]
    public void Who_only_reads_sees_the_states_and_keeps_nothing()
    {
        Outbox.Add([Delivery("a")], Noon);
        using var reader = _place.OpenReadOnly();

        Assert.Equal(1, Assert.Single(reader.Outbox.States()).Waiting);
        Assert.Throws<InvalidOperationException>(() => reader.Outbox.Add([Delivery("a")], Noon));
    }

    private static Delivery Delivery(string hook) => new()
    {
        Id = Guid.NewGuid().ToString(),
        Hook = hook,
        Event = "failed",
        Body = "{}",
        CreatedAt = Noon,
        NextAt = Noon,
    };
}
