using System.Globalization;
using NasSync.Config;
using Npgsql;

namespace NasSync.Ledgers;

/// <summary>Which database the ledger is in, and how to get there. Its password is in no message: only <see cref="Name"/> is shown.</summary>
internal sealed class PostgresSource
{
    private const int DeadAfterSeconds = 30, ProbeEverySeconds = 10;

    private readonly string _connectionString;

    private PostgresSource(NpgsqlConnectionStringBuilder settings, RetryConfig retry)
    {
        BaseDelay = Least(TimeSpan.FromMilliseconds(250), retry.BaseDelay);
        MaxDelay = Least(TimeSpan.FromSeconds(15), retry.MaxDelay);
        Schema = FirstOf(settings.SearchPath);

        // A pooled connection would keep its lock after it was closed.
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
            // A server that is gone without a word is noticed also while nothing is asked. A socket file refuses these.
            settings.TcpKeepAlive = true;
            if (settings.TcpKeepAliveTime == 0) settings.TcpKeepAliveTime = DeadAfterSeconds;
            if (settings.TcpKeepAliveInterval == 0) settings.TcpKeepAliveInterval = ProbeEverySeconds;
        }

        _connectionString = settings.ConnectionString;
        var database = string.IsNullOrEmpty(settings.Database) ? settings.Username : settings.Database;
        var server = isSocket ? settings.Host! : string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}");
        Name = $"{database}{(Schema is null ? "" : $".{Schema}")} at {server}";
    }

    /// <summary>What the ledger is called in messages: database, schema and server.</summary>
    public string Name { get; }

    /// <summary>The schema that the connection string names; null: the one in which the server would make a table.</summary>
    public string? Schema { get; }

    /// <summary>The upper bound of the first delay before work is done again: a quarter of a second, or less where <c>retry</c> says so.</summary>
    public TimeSpan BaseDelay { get; }

    /// <summary>The upper bound of every delay: 15 seconds, or less where <c>retry</c> says so.</summary>
    public TimeSpan MaxDelay { get; }

    /// <summary>Reads a setting, and the secret behind it.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="variables">Where references to secrets are looked up.</param>
    /// <param name="retry">How failures are tried again; null is the default.</param>
    /// <exception cref="FailureException">It cannot be read (class Config, code LedgerSettings).</exception>
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
            // What the exception says may be a piece of the password.
        }

        throw new FailureException(new Failure(
            FailureClass.Config,
            PostgresFailure.SettingsCode,
            $"The setting 'ledger' ({(setting.Reference is null ? "in the configuration" : setting.ToString())}) is no connection string of PostgreSQL that names a Host.",
            "Write for example Host=db.example.com;Database=nassync;Username=nassync;Password=…; values with ';' or '=' stand in quotes."));
    }

    /// <summary>A new connection.</summary>
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

    // The first name of a search path as the server reads it; "$user" is its to find out.
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
