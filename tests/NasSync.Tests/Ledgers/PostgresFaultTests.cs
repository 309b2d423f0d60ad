using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

/// <summary>F-78: what the server and the line to it can do to a ledger, and what becomes of the piece of work that it hit.</summary>
[Needs("postgres")]
public sealed class PostgresFaultTests : IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly PostgresPlace _place = new() { Application = $"faults {Guid.NewGuid():N}" };
    private readonly PostgresServer _server = PostgresServer.Get();

    // Does not wait long before it tries again.
    private SyncConfig Hasty =>
        _place.Config with { Retry = new RetryConfig { BaseDelay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(200) } };

    public void Dispose() => _place.Dispose();

    [NeedsFact]
    public void A_connection_that_was_ended_is_opened_again()
    {
        using var ledger = _place.Open();
        ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        EndAll();
        ledger.Record([Copy("job_2", "b.m4a", At("b.m4a"))]);
        EndAll();

        Assert.Equal(2, ledger.Copies().Count());
        Assert.Equal(
            "Locked", Assert.Throws<FailureException>(() => Ledger.Open(_place.Config with { WorkDir = _place.Folder["other"] })).Failure.Code);
    }

    [NeedsFact]
    public void A_reader_whose_connection_was_ended_opens_another()
    {
        using (var writer = _place.Open()) writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        using var ledger = _place.OpenReadOnly();
        EndAll();

        Assert.Single(ledger.Copies());
    }

    [NeedsFact]
    public void A_change_whose_connection_breaks_in_the_middle_is_made_again_as_a_whole()
    {
        using var store = Writer(_place.Connection);
        var runs = 0;

        store.Write((session, transaction) =>
        {
            CopyRows.Write(session, transaction, Copy("job_1", "a.m4a", At("a.m4a")));
            if (runs++ == 0) EndAll();
            CopyRows.Write(session, transaction, Copy("job_1", "b.m4a", At("b.m4a")));
        });

        Assert.Equal(2, runs);
        Assert.Equal(2, store.Read(session => CopyRows.OfJob(session, "job_1")).Count);
    }

    [NeedsTheory]
    [InlineData("40001")]
    [InlineData("40P01")]
    public void A_change_that_the_server_gave_up_for_others_is_made_again(string state)
    {
        using var ledger = _place.Open();
        _place.Execute($"""
            create sequence tries;
            create function give_up() returns trigger as $$ begin
                if nextval('{_place.Schema}.tries') <= 2 then raise exception 'not now' using errcode = '{state}'; end if;
                return new;
            end $$ language plpgsql;
            create trigger give_up before insert on copies for each row execute function give_up();
            """);

        ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);

        Assert.Single(ledger.Copies());
        Assert.Equal(3, _place.Scalar("select last_value from tries"));
    }

    [NeedsFact]
    public void A_change_that_never_succeeds_is_given_up_and_the_ledger_stays_usable()
    {
        using var ledger = Ledger.Open(Hasty, Nothing);
        _place.Execute("""
            create function give_up() returns trigger as $$ begin raise exception 'not now' using errcode = '40001'; end $$ language plpgsql;
            create trigger give_up before insert on copies for each row execute function give_up();
            """);

        var failure = Assert.Throws<FailureException>(() => ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))])).Failure;

        Assert.Equal((FailureClass.Transient, "LedgerBusy"), (failure.Class, failure.Code));
        _place.Execute("drop trigger give_up on copies");
        ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        Assert.Single(ledger.Copies());
    }

    [NeedsFact]
    public async Task A_commit_whose_answer_was_lost_is_not_made_twice()
    {
        _place.Open().Dispose();
        await using var line = FaultProxy.Before(_server.Port);
        var connection = $"{_server.Tcp(line.Port)};Password={PostgresServer.Password};Search Path={_place.Schema}";
        long before = 0;

        // The first connection reads more than every other one: the types that the server has.
        for (var pass = 0; pass < 2; pass++)
        {
            var start = line.Bytes(Direction.ToClient);
            using var measured = Writer(connection);
            measured.Write((session, transaction) => Change(session, transaction, () => before = line.Bytes(Direction.ToClient) - start));
        }

        // The answer to the commit has 18 bytes; what comes before it may differ by some, as a time is written with fewer digits. Wherever the line
        // breaks, the change is made once; where it breaks in that answer, the work is not even repeated.
        var (expected, breaks, unrepeated) = (2, 0, 0);
        for (var within = 1; within < 18; within += 4)
        {
            line.Next(LineFault.Reset, Direction.ToClient, before + within);
            var struck = line.Struck;
            var runs = 0;
            using var store = Writer(connection);
            store.Write((session, transaction) => Change(session, transaction, () => runs++));
            Assert.Equal(++expected, store.Read(session => session.Scalar("select value from counters where name = 'test'", null)));
            if (struck.IsCompleted) breaks++;
            if (struck.IsCompleted && runs == 1) unrepeated++;
        }

        Assert.True(breaks > 0 && unrepeated > 0, $"{breaks} breaks, {unrepeated} of them in the answer to a commit");

        static void Change(SqlSession session, System.Data.Common.DbTransaction transaction, Action last)
        {
            session.Execute(
                "insert into counters (name, value) values ('test', 1) on conflict (name) do update set value = counters.value + 1",
                transaction);
            last();
        }
    }

    [NeedsFact]
    public void Who_lost_the_lock_to_another_stops()
    {
        using var first = _place.Open();
        EndAll();
        using (var second = Ledger.Open(_place.Config with { WorkDir = _place.Folder["other"] }))
        {
            var held = Assert.Throws<FailureException>(() => first.Record([Copy("job_1", "a.m4a", At("a.m4a"))])).Failure;
            Assert.Equal((FailureClass.Conflict, "Locked"), (held.Class, held.Code));
        }

        Assert.Equal("Locked", Assert.Throws<FailureException>(() => first.Record([Copy("job_1", "a.m4a", At("a.m4a"))])).Failure.Code);
        using var reader = _place.OpenReadOnly();
        Assert.Empty(reader.Copies());
    }

    [NeedsFact]
    public void Who_lost_the_lock_to_another_that_has_ended_since_stops_too()
    {
        using var first = _place.Open();
        EndAll();
        using (var second = Ledger.Open(_place.Config with { WorkDir = _place.Folder["other"] }))
            second.Record([Copy("job_2", "a.m4a", At("a.m4a"))]);

        var failure = Assert.Throws<FailureException>(() => first.Record([Copy("job_1", "a.m4a", At("a.m4a"))])).Failure;

        Assert.Equal("Locked", failure.Code);
        Assert.Contains("has written to it since", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Locked, ExitCodes.Of(failure));
    }

    [NeedsFact]
    public async Task Own_connection_that_the_server_still_holds_does_not_keep_the_next_one_out()
    {
        await using var line = FaultProxy.Before(_server.Port);
        using var store = Writer($"{_server.Tcp(line.Port)};Password={PostgresServer.Password};Search Path={_place.Schema};Command Timeout=2");
        var runs = 0;

        store.Write((session, transaction) =>
        {
            session.Execute("insert into counters (name, value) values ('test', 1)", transaction);
            if (runs++ > 0) return;

            // The line breaks while the server is busy, so that it does not notice.
            var sleep = session.Connection.CreateCommand();
            sleep.CommandText = "select pg_sleep(60)";
            sleep.CommandTimeout = 0;
            var asleep = Task.Run(sleep.ExecuteNonQuery);
            while (_server.Ask("select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'").Single() == "0")
                Thread.Yield();
            line.CutAll();
            asleep.GetAwaiter().GetResult();
        });

        Assert.Equal(2, runs);
        Assert.Equal(1, store.Read(session => session.Scalar("select value from counters where name = 'test'", null)));
    }

    [NeedsFact]
    public async Task A_server_that_takes_no_more_connections_is_asked_again()
    {
        var role = $"r{_place.Schema}";
        _server.Execute($"create role {role} login connection limit 1; create schema {_place.Schema} authorization {role}");
        try
        {
            var connection = _place.Connection.Replace($"Username={PostgresServer.User}", $"Username={role}", StringComparison.Ordinal);
            var config = Hasty with { Ledger = new LedgerConnection(null, connection) };
            using (var only = new Npgsql.NpgsqlConnection(config.Ledger.Text + ";Pooling=false"))
            {
                await only.OpenAsync();
                var failure = Assert.Throws<FailureException>(() => Ledger.Open(config, Nothing)).Failure;
                Assert.Equal((FailureClass.Throttled, "LedgerBusy"), (failure.Class, failure.Code));
            }

            while (_server.Ask($"select count(*) from pg_stat_activity where usename = '{role}'").Single() != "0") await Task.Yield();
            using var ledger = Ledger.Open(config, Nothing);
            ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
            using var other = new Npgsql.NpgsqlConnection(config.Ledger.Text + ";Pooling=false");
            _server.Execute($"select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '{role}'");
            await other.OpenAsync();
            var recording = Task.Run(() => ledger.Record([Copy("job_2", "a.m4a", At("b.m4a"))]));

            // In the middle of a run there is more patience.
            await other.CloseAsync();
            await recording;
            Assert.Equal(2, ledger.Copies().Count());
        }
        finally
        {
            _server.Execute($"drop owned by {role} cascade; drop role {role}");
        }
    }

    [NeedsTheory]
    [InlineData("password", FailureClass.Auth, "LedgerRefused", ExitCode.ConfigInvalid)]
    [InlineData("none", FailureClass.Auth, "LedgerRefused", ExitCode.ConfigInvalid)]
    [InlineData("database", FailureClass.Config, "LedgerMissing", ExitCode.ConfigInvalid)]
    [InlineData("rights", FailureClass.Permission, "LedgerDenied", ExitCode.ConfigInvalid)]
    [InlineData("nonsense", FailureClass.Config, "LedgerSettings", ExitCode.ConfigInvalid)]
    [InlineData("unset", FailureClass.Config, "LedgerSettings", ExitCode.ConfigInvalid)]
    [InlineData("port", FailureClass.Unavailable, "LedgerUnreachable", ExitCode.DestinationUnavailable)]
    [InlineData("host", FailureClass.Unavailable, "LedgerUnreachable", ExitCode.DestinationUnavailable)]
    public void What_keeps_the_ledger_from_being_opened_is_told_with_its_cure_and_without_the_password(
        string what, FailureClass expected, string code, ExitCode exit)
    {
        const string canary = "hunter2-canary";
        var role = $"r{_place.Schema}";
        _server.Execute($"create role {role} login password '{canary}'");
        try
        {
            var right = $"Host=127.0.0.1;Port={_server.Port};Username={role};Database=postgres;Password={canary};Search Path={_place.Schema}";
            var text = what switch
            {
                "password" => right.Replace(canary, canary + "!", StringComparison.Ordinal),
                "none" => right.Replace($"Password={canary};", "", StringComparison.Ordinal),
                "database" => right.Replace("Database=postgres", "Database=not_there", StringComparison.Ordinal),
                "nonsense" => $"Host=x;Password=a;{canary}=b",
                "unset" => "",
                "port" => right.Replace($"Port={_server.Port}", "Port=1", StringComparison.Ordinal),
                "host" => right.Replace("127.0.0.1", "nas.invalid", StringComparison.Ordinal),
                _ => right,
            };
            var config = Hasty with { Ledger = new LedgerConnection(new SecretReference("env", "LEDGER"), null) };
            var variables = new Dictionary<string, string> { ["LEDGER"] = text };

            // A schema that is not there is an empty ledger for who only reads, and needs a right of who writes.
            Func<Ledger>[] ways = what == "rights"
                ? [() => Ledger.Open(config, variables)]
                : [() => Ledger.Open(config, variables), () => Ledger.OpenReadOnly(config, variables)];
            foreach (var open in ways)
            {
                var thrown = Assert.Throws<FailureException>(() => open());
                Assert.Equal((expected, code, exit), (thrown.Failure.Class, thrown.Failure.Code, ExitCodes.Of(thrown.Failure)));
                Assert.NotEmpty(thrown.Failure.Hint);
                Assert.DoesNotContain(canary, thrown.ToString() + thrown.Failure, StringComparison.Ordinal);
            }
        }
        finally
        {
            _server.Execute($"drop owned by {role} cascade; drop role {role}");
        }
    }

    private static PostgresWriter Writer(string connection, string work) =>
        PostgresWriter.Open(PostgresSource.Of(new LedgerConnection(null, connection), Nothing), work, TimeProvider.System);

    private PostgresWriter Writer(string connection) => Writer(connection, _place.Work);

    // Waits until they have ended: the answer comes when they were told to.
    private void EndAll() =>
        _server.Execute($"select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = '{_place.Application}'");
}
