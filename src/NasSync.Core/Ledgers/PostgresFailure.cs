using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using static NasSync.FailureClass;

namespace NasSync.Ledgers;

/// <summary>Translates errors of PostgreSQL, or of the connection to it, into failures. Never repeats content of the connection string.</summary>
internal static class PostgresFailure
{
    /// <summary>The setting, or the secret that it refers to, is wrong.</summary>
    public const string SettingsCode = "LedgerSettings";

    private const string RefusedCode =
        "LedgerRefused", MissingCode = "LedgerMissing", DeniedCode = "LedgerDenied", GoneCode = "LedgerGone", TakenCode = "LedgerSchemaTaken";

    /// <summary>Whether an exception may come from the database or the connection to it.</summary>
    public static bool IsOne(Exception error) =>
        error is NpgsqlException or SocketException or TimeoutException or (IOException and not (FileNotFoundException or FileLoadException));

    /// <summary>Translates an exception into a failure.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="name">The ledger's name in messages.</param>
    public static Failure Describe(Exception error, string name) => error switch
    {
        PostgresException answer => Describe(answer.SqlState, answer.MessageText.TrimEnd('.'), name),
        NpgsqlException { InnerException: AuthenticationException } =>
            new Failure(
                FailureClass.Config,
                SettingsCode,
                $"The ledger '{name}' and this machine agree on no encryption.",
                "Give the server a certificate that this machine trusts (Root Certificate=…), or set SSL Mode in the setting 'ledger'."),
        NpgsqlException { InnerException: null } when error.Message.Contains("password", StringComparison.OrdinalIgnoreCase) =>
            Refused(name, "it wants a password and none was given"),
        NotSupportedException =>
            new Failure(
                FailureClass.Config,
                SettingsCode,
                $"The setting 'ledger' asks for what the ledger '{name}' cannot have.",
                "Name one host, and leave out pools, load balancing and target attributes."),
        _ => Unreachable(name, Cause(error)),
    };

    /// <summary>Another program holds the ledger's lock.</summary>
    public static Failure Locked(string name, string holder) => new(
        Conflict,
        "Locked",
        $"Another NasSync{holder} is at work with the ledger '{name}'.",
        "Wait until it has finished, or stop it; if its machine is gone, the server lets go after a minute, or at once with pg_terminate_backend.");

    /// <summary>The server has not yet ended a broken connection of this run.</summary>
    public static Failure HeldByItself(string name) => new(
        Transient,
        "LedgerBusy",
        $"The server of the ledger '{name}' still holds a connection of this run that broke.",
        "It is tried again; pg_terminate_backend ends it at once.");

    /// <summary>Another program took the ledger while the connection was broken.</summary>
    public static Failure TakenOver(string name) => new(
        Conflict,
        "Locked",
        $"The connection to the ledger '{name}' broke, and another NasSync has written to it since.",
        "Run again: what this run copied and could not record is found at the targets and not sent again.");

    /// <summary>The search path names no schema in which to create the tables.</summary>
    public static Failure NoSchema(string name) => new(
        FailureClass.Config,
        SettingsCode,
        $"The ledger '{name}' has no schema in its search path.",
        "Name one in the setting 'ledger': Search Path=nassync.");

    private static Failure Describe(string state, string says, string name) => state switch
    {
        "28P01" or "28000" => Refused(name, says),
        "3D000" or "57P04" =>
            new Failure(
                FailureClass.Config,
                MissingCode,
                $"The ledger's database is not there ({name}): {says}.",
                "Create it (createdb), or correct Database in the setting 'ledger'."),
        "42501" => new Failure(
            Permission,
            DeniedCode,
            $"The ledger '{name}' may not be used: {says}.",
            "Grant the user CREATE and USAGE on the schema, and let it own its tables; for a schema that is not there yet, CREATE on the database."),
        "42P01" or "3F000" or "42703" =>
            new Failure(
                FailureClass.Config,
                GoneCode,
                $"The ledger '{name}' is not what it was: {says}.",
                "Someone removed or changed its tables meanwhile; run again to rebuild it from what stands at the targets, or restore a backup."),
        "42P07" or "42710" =>
            new Failure(
                FailureClass.Config,
                TakenCode,
                $"The ledger '{name}' cannot be made: {says}.",
                "Give it a schema of its own in the setting 'ledger': Search Path=nassync."),
        "25006" => new Failure(
            Unavailable,
            "LedgerReadOnly",
            $"The ledger '{name}' cannot be written: the server is a standby or read-only.",
            "Connect to the primary server, or promote this one."),
        "53300" or "53400" =>
            new Failure(
                Throttled,
                "LedgerBusy",
                $"The ledger '{name}' takes no more connections: {says}.",
                "It is tried again; raise max_connections, or the limit of the user or the database."),
        "53100" => new Failure(NoSpace, "LedgerNoSpace", $"The ledger '{name}' cannot grow: {says}.", "Free some space on the server and run again."),
        "40001" or "40P01" or "55P03" or "57014" =>
            new Failure(
                Transient,
                "LedgerBusy",
                $"The ledger '{name}' is held up by others: {says}.",
                "It is tried again; look for long transactions in pg_stat_activity."),
        "53200" => new Failure(
            Transient,
            "NoMemory",
            $"The server of the ledger '{name}' has no memory left.",
            "It is tried again; give the server more memory."),
        "XX001" or "XX002" =>
            new Failure(
                FailureClass.Config,
                "LedgerDamaged",
                $"The ledger '{name}' is damaged: {says}.",
                "Restore a backup of the database, or name another schema in the setting 'ledger': it is rebuilt from what stands at the targets."),
        ['5', '7', 'P', ..] or ['0', '8', ..] => Unreachable(name, says),
        _ => new Failure(
            Bug,
            "LedgerError",
            $"The ledger '{name}' failed: {says} ({state}).",
            "This is an error of NasSync itself; please report it with the log."),
    };

    private static Failure Refused(string name, string says) => new(
        Auth,
        RefusedCode,
        $"The ledger '{name}' refused the login: {says}.",
        "Correct user and password in the setting 'ledger' (or PGPASSFILE), and the server's pg_hba.conf.");

    private static Failure Unreachable(string name, string says) => new(
        Unavailable,
        "LedgerUnreachable",
        $"The ledger '{name}' cannot be reached: {says}.",
        "Start the server, or restore the connection to it. The next run finds at the targets what was copied and not recorded, "
            + "and does not send it again.");

    private static string Cause(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error.Message.TrimEnd('.');
    }
}
