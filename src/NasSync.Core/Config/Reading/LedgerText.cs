using Npgsql;

namespace NasSync.Config.Reading;

/// <summary>What <c>ledger</c> means. What was written is never repeated: it may hold a password.</summary>
internal static class LedgerText
{
    /// <summary>The variable that sets it. Like the other variables that hold secrets it may hold one itself.</summary>
    public const string Variable = "NAS_SYNC_LEDGER";

    private const string Example =
        "write for example 'Host=db.example.com;Database=nassync;Username=nassync', or 'env:NAME' or 'file:PATH' of such a string.";

    /// <summary>As the file has it: a password in it is a mistake.</summary>
    public static Func<string, Parsed<LedgerConnection>> Parse(PathResolver paths) => text => Parse(text, paths, null);

    /// <summary>As the variable has it: a string with a password stays there.</summary>
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
