using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace NasSync.Tests.Support;

/// <summary>
/// A private PostgreSQL server on loopback and on a private socket. It flushes every write, and its collation differs from the byte order.
/// Needs <c>[Needs("postgres")]</c>. A keeper shell reads from a pipe that this process holds open; when this process ends, in whatever way, the
/// pipe closes and the keeper stops the server.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The superuser.</summary>
    public const string User = "nassync";

    /// <summary>The superuser's password over TCP; the socket needs none.</summary>
    public const string Password = "s3cret canary";

    // $1 the folder, $2 the programs, $3 the port, $4 the user to run as, if any. The server never runs as root.
    private const string Keeper = """
        as="env -i PATH=/usr/bin:/bin HOME=$1 LC_ALL=C.UTF-8 TZ=UTC"
        [ -z "$4" ] || as="setpriv --reuid=$4 --regid=$4 --clear-groups $as"
        trap 'set +e; kill -INT $server 2>/dev/null; wait; [ -e "$1/keep" ] || rm -rf "$1"' EXIT
        set -e
        exec 2>>"$1/log"
        [ -z "$4" ] || chown "$4" "$1"
        [ -d "$1/data" ] || $as "$2/initdb" -D "$1/data" -U nassync --pwfile="$1/password" --auth-local=trust --auth-host=scram-sha-256 \
            -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US --no-sync --no-instructions >&2
        $as "$2/postgres" -D "$1/data" -c listen_addresses=127.0.0.1 -c port=$3 -c unix_socket_directories="$1" -c fsync=on \
            -c shared_buffers=32MB -c max_prepared_transactions=4 </dev/null >&2 & server=$!
        echo $server
        cat >/dev/null
        """;

    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartAsync);

    private readonly string _folder;
    private Process? _keeper;

    private PostgresServer(string folder, int port) => (_folder, Port) = (folder, port);

    /// <summary>The folder of the server's programs; null when they are not installed.</summary>
    public static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql")
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
        : null;

    /// <summary>The port on loopback.</summary>
    public int Port { get; }

    /// <summary>A connection string without a password, over the socket.</summary>
    public string Local => string.Create(CultureInfo.InvariantCulture, $"Host={_folder};Port={Port};Username={User};Database=postgres");

    /// <summary>A connection string over TCP, without its password.</summary>
    public string Tcp(int? port = null) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port ?? Port};Username={User};Database=postgres");

    /// <summary>The shared server of this run, for tests that do not stop it.</summary>
    public static PostgresServer Get() => Shared.Value.GetAwaiter().GetResult();

    /// <summary>Starts a separate server for a test that stops it.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"nassync-pg-{Guid.NewGuid():N}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "password"), Password);
        var server = new PostgresServer(folder, OwnPort.Next());
        SharedServers.StopAtEnd(() => server.Stop(keep: false));
        await server.BeginAsync();
        return server;
    }

    /// <summary>Runs statements as the superuser.</summary>
    public void Execute(string sql)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>The first column of the answer, as texts.</summary>
    public IReadOnlyList<string> Ask(string sql)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(sql, connection);
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture) ?? "");
        return rows;
    }

    /// <summary>A connection of the superuser.</summary>
    public NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(Local + ";Pooling=false");
        connection.Open();
        return connection;
    }

    /// <summary>Stops it as an administrator does, which closes every connection.</summary>
    public Task StopAsync() => Task.Run(() => Stop(keep: true));

    /// <summary>Starts it after <see cref="StopAsync"/>, with the same data on the same port.</summary>
    public Task BeginAgainAsync() => BeginAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.Run(() => Stop(keep: false));
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private async Task BeginAsync()
    {
        File.Delete(Path.Combine(_folder, "keep"));
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[
            "-c", Keeper, "postgres-keeper", _folder, Programs!, Port.ToString(CultureInfo.InvariantCulture),
            Environment.IsPrivilegedProcess ? "postgres" : "",
        ])
            start.ArgumentList.Add(argument);
        _keeper = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Wait.Longest);
        if (await _keeper.StandardOutput.ReadLineAsync(patience.Token) is null)
            throw new InvalidOperationException($"PostgreSQL did not start: {Log()}");
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Local + ";Pooling=false");
                await connection.OpenAsync(patience.Token);
                return;
            }
            catch (NpgsqlException)
            {
                // The server does not signal when it is ready, so poll.
                await Task.Delay(20, patience.Token);
            }
        }
    }

    private void Stop(bool keep)
    {
        if (_keeper is null) return;
        if (keep) File.WriteAllText(Path.Combine(_folder, "keep"), "");
        _keeper.StandardInput.Close();
        _keeper.WaitForExit(Wait.Longest);
        _keeper.Dispose();
        _keeper = null;
    }

    private string Log() => File.Exists(Path.Combine(_folder, "log")) ? File.ReadAllText(Path.Combine(_folder, "log")) : "";
}
