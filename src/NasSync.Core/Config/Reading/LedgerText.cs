using Npgsql;

namespace NasSync.Config.Reading;

/// <summary>Parses <c>ledger</c>. Never repeats the text in a message: it may hold a password.</summary>
internal static class LedgerText
{
    /// <summary>The variable that sets the ledger. Like other secret variables, it may contain the password itself.</summary>
    public const string Variable = "NAS_SYNC_LEDGER";

    private const string Example =
        "write for example 'Host=db.example.com;Database=nassync;Username=nassync', or 'env:NAME' or 'file:PATH' of such a string.";

    /// <summary>Parses the file's setting, in which a password is a mistake.</summary>
    public static Func<string, Parsed<LedgerConnection>> Parse(PathResolver paths) => text => Parse(text, paths, null);

    /// <summary>Parses the variable's value. A string with a password becomes a reference to the variable.</summary>
    public static Func<string, Parsed<LedgerConnection>> ParseVariable(PathResolver paths) =>
        text => Parse(text, paths, new SecretReference("env", Variable));

    private static Parsed<LedgerConnection> Parse(string text, PathResolver paths, SecretReference? own)
    {
        if (text.StartsWith("env:", StringComparison.Ordinal)
            || text.StartsWith("file:", StringComparison.Ordinal)
            || text.StartsWith("vault:", StringComparison.Ordinal))
        {
            var reference = Texts.Secret(paths)(text);
            return reference.Problem is null ? new LedgerConnection(reference.Value, null) : Parsed<LedgerConnection>.Wrong(reference.Problem);
        }

        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidOperationException
            or NotSupportedException)
        {
            return Parsed<LedgerConnection>.Wrong($"This is no connection string of PostgreSQL; {Example}");
        }

        if (string.IsNullOrEmpty(settings.Host)) return Parsed<LedgerConnection>.Wrong($"The connection string names no Host; {Example}");
        if (string.IsNullOrEmpty(settings.Password) && string.IsNullOrEmpty(settings.SslPassword)) return new LedgerConnection(null, text);
        return own is not null
            ? new LedgerConnection(own, null)
            : Parsed<LedgerConnection>.Wrong(
                "The connection string holds a password; secrets are given by reference only: put the whole string into a variable or a "
                    + "file and write 'env:NAME' or 'file:PATH'.");
    }
}
