using System.Globalization;
using NasSync.Config;
using Npgsql;

namespace NasSync.Ledgers;

/// <summary>The ledger's database and how to connect to it. Messages show only <see cref="Name"/>, never the password.</summary>
internal sealed class PostgresSource
{
    private const int DeadAfterSeconds = 30, ProbeEverySeconds = 10;

    private readonly string _connectionString;

    private PostgresSource(NpgsqlConnectionStringBuilder settings, RetryConfig retry)
    {
        BaseDelay = Least(TimeSpan.FromMilliseconds(250), retry.BaseDelay);
        MaxDelay = Least(TimeSpan.FromSeconds(15), retry.MaxDelay);
        Schema = FirstOf(settings.SearchPath);

        // A pooled connection would keep its advisory lock after it is closed.
        settings.Pooling = false;
        settings.Enlist = false;
        settings.PersistSecurityInfo = false;
        settings.IncludeErrorDetail = false;
        if (Schema is not null) settings.SearchPath = null;
        if (string.IsNullOrEmpty(settings.ApplicationName))
            settings.ApplicationName = string.Create(
                CultureInfo.InvariantCulture,
                $"nassync pid {Environment.ProcessId} on {Environment.MachineName}");
        if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 32;

        var isSocket = settings.Host![0] is '/' or '@';
        if (!isSocket)
        {
            // Keep-alives detect a dead server even while the connection is idle. A Unix socket does not accept these settings.
            settings.TcpKeepAlive = true;
            if (settings.TcpKeepAliveTime == 0) settings.TcpKeepAliveTime = DeadAfterSeconds;
            if (settings.TcpKeepAliveInterval == 0) settings.TcpKeepAliveInterval = ProbeEverySeconds;
        }

        _connectionString = settings.ConnectionString;
        var database = string.IsNullOrEmpty(settings.Database) ? settings.Username : settings.Database;
        var server = isSocket ? settings.Host! : string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}");
        Name = $"{database}{(Schema is null ? "" : $".{Schema}")} at {server}";
    }

    /// <summary>The ledger's name in messages: database, schema and server.</summary>
    public string Name { get; }

    /// <summary>The schema that the connection string names; null means the one in which the server would create a table.</summary>
    public string? Schema { get; }

    /// <summary>The upper bound of the first retry delay: 250 ms, or less if <c>retry</c> says so.</summary>
    public TimeSpan BaseDelay { get; }

    /// <summary>The upper bound of every retry delay: 15 s, or less if <c>retry</c> says so.</summary>
    public TimeSpan MaxDelay { get; }

    /// <summary>Reads a setting and the secret that it refers to.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="variables">Resolves references to secrets.</param>
    /// <param name="retry">The retry settings; null uses the defaults.</param>
    /// <exception cref="FailureException">The setting is unusable (class Config, code LedgerSettings).</exception>
    public static PostgresSource Of(LedgerConnection setting, IReadOnlyDictionary<string, string> variables, RetryConfig? retry = null)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(setting.Reference is { } reference
                ? SecretReader.Read(reference, variables)
                : setting.Text);
            if (!string.IsNullOrEmpty(settings.Host)) return new PostgresSource(settings, retry ?? new RetryConfig());
        }
        catch (FailureException e)
        {
            throw new FailureException(e.Failure with { Code = PostgresFailure.SettingsCode }, e);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidOperationException
            or NotSupportedException)
        {
            // The exception's message may contain part of the password.
        }

        throw new FailureException(new Failure(
            FailureClass.Config,
            PostgresFailure.SettingsCode,
            $"The setting 'ledger' ({(setting.Reference is null ? "in the configuration" : setting.ToString())}) is no "
                + "connection string of PostgreSQL that names a Host.",
            "Write for example Host=db.example.com;Database=nassync;Username=nassync;Password=…; values with ';' or '=' stand in quotes."));
    }

    /// <summary>Opens a new connection.</summary>
    public NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    // The first schema of a search path, parsed like the server does; only the server can resolve "$user".
    private static string? FirstOf(string? searchPath)
    {
        var path = searchPath?.Trim() ?? "";
        if (path.Length == 0) return null;
        if (path[0] != '"') return path.Split(',')[0].Trim().ToLowerInvariant();
        for (var end = 1; end < path.Length; end++)
        {
            if (path[end] != '"') continue;
            if (end + 1 < path.Length && path[end + 1] == '"') end++;
            else return path[1..end].Replace("\"\"", "\"", StringComparison.Ordinal) is { Length: > 0 } and not "$user" and var name ? name : null;
        }

        return null;
    }
}
