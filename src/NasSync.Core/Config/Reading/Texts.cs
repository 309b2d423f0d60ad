using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using NasSync.Templates;

namespace NasSync.Config.Reading;

/// <summary>Parses single values; the same for YAML and the environment.</summary>
internal static partial class Texts
{
    public const string SecretPattern = "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|vault:.+)$";

    /// <summary>The forms that <see cref="FileMode"/> takes, for the schema.</summary>
    public const string FileModePattern = "^0{0,2}[4-7][0-7]{2}$";

    /// <summary>The forms that <see cref="FolderMode"/> takes, for the schema.</summary>
    public const string FolderModePattern = "^(0?[0-3])?7[0-7]{2}$";

    private static readonly string[] AmazonStorageClasses =
        ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE", "REDUCED_REDUNDANCY"];

    public static Parsed<string> Text(string text) =>
        text.Length == 0 ? Parsed<string>.Wrong("The value is empty; write one or remove the setting.") : AnyText(text);

    public static Parsed<string> AnyText(string text) =>
        text.Any(char.IsControl) ? Parsed<string>.Wrong("The value contains a control character; remove it.") : text;

    /// <summary>A path on another machine.</summary>
    public static Parsed<string> Path(string text) =>
        Text(text) is { Problem: null } && StrayText.OfPath(text) is { } stray ? Parsed<string>.Wrong(stray) : Text(text);

    public static Parsed<bool> Bool(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "1" => true,
        "FALSE" or "NO" or "OFF" or "0" => false,
        _ => Parsed<bool>.Wrong($"'{text}' is neither true nor false."),
    };

    public static Func<string, Parsed<int>> Number(int least, int most) => text =>
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return Parsed<int>.Wrong($"'{text}' is no whole number; write one from {least} to {most}.");
        return number < least || number > most
            ? Parsed<int>.Wrong($"{text} is out of range; write a number from {least} to {most}.")
            : (int)number;
    };

    /// <summary>An enum member by its name in the file, such as <c>keepBoth</c>, ignoring case.</summary>
    public static Parsed<T> Choice<T>(string text)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        }

        return Parsed<T>.Wrong(NotOneOf(text, NamesOf<T>()));
    }

    public static Func<string, Parsed<string>> OneOf(params string[] names) => text =>
        names.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
            ? name
            : Parsed<string>.Wrong(NotOneOf(text, names));

    /// <summary>The name of an enum member in the file.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static string[] NamesOf<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(NameOf)];

    /// <summary>An HTTP address. The messages never repeat it: it may hold a password.</summary>
    public static Parsed<Uri> HttpUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return Parsed<Uri>.Wrong("This is no address; write one that begins with https:// or http://.");
        return url.UserInfo.Length > 0 ? Parsed<Uri>.Wrong("The address holds a user or password; secrets are given by reference only.") : url;
    }

    /// <summary>A secret by reference. The messages never repeat the text: it may be the secret itself.</summary>
    public static Func<string, Parsed<SecretReference>> Secret(PathResolver paths) => text =>
    {
        const string cure = "A secret is given by reference, never by value; write 'env:NAME' or 'file:PATH', or in PowerShell 'vault:NAME'.";
        if (!SecretRegex().IsMatch(text) || text.Any(char.IsControl)) return Parsed<SecretReference>.Wrong(cure);
        if (text.StartsWith("env:", StringComparison.Ordinal)) return new SecretReference("env", text["env:".Length..]);
        if (text.StartsWith("vault:", StringComparison.Ordinal)) return new SecretReference("vault", text["vault:".Length..]);
        var path = paths.Full(text["file:".Length..]);
        return path.Problem is null ? new SecretReference("file", path.Value) : Parsed<SecretReference>.Wrong(path.Problem);
    };

    /// <summary>A list as ssh's option Ciphers takes it: a leading '+' appends it to the default, '^' prepends it, '-' removes it.</summary>
    public static Parsed<string> Ciphers(string text) =>
        text.TrimStart('+', '-', '^') is { Length: > 0 } names
            && names.Length >= text.Length - 1
            && names.All(c => char.IsAsciiLetterOrDigit(c) || "-@.,_*".Contains(c, StringComparison.Ordinal))
            ? text
            : Parsed<string>.Wrong($"'{text}' is no list of ciphers; write for example '^aes256-gcm@openssh.com' (ssh -Q cipher lists them).");

    /// <summary>A host or user name: no white space, and no leading dash, which a command would take for an option.</summary>
    public static Parsed<string> Host(string text)
    {
        if (text.LastIndexOf('@') is var at && at >= 0)
        {
            // Do not repeat a text that may hold a password.
            return Parsed<string>.Wrong(text.IndexOf(':') is var colon && colon >= 0 && colon < at
                ? "The host holds a user and a password; write 'user', and 'password: env:NAME' for the password."
                : $"'{text}' holds a user and a host; write them as two settings.");
        }

        return HostRegex().IsMatch(text) ? text : Parsed<string>.Wrong($"'{text}' is no name of a host or user; write for example nas.example.com.");
    }

    /// <summary>The host of a destination; port and folder are separate settings.</summary>
    public static Parsed<string> HostName(string text) => HostName(text, (host, port) => $"'host: {host}' and 'port: {port}'");

    /// <summary>The host in a variable; there is no variable for the port.</summary>
    public static Parsed<string> HostVariable(string text) =>
        HostName(text, (host, _) => $"{host}, and the port into ssh_config or into 'port' of a destination named 'sftp'");

    private static Parsed<string> HostName(string text, Func<string, string, string> cure)
    {
        if (text.Contains('@')) return Host(text);
        if (text.Contains("://", StringComparison.Ordinal))
            return Parsed<string>.Wrong(
                "The host is written as an address; write its name only, such as nas.example.com, and port and folder beside it.");
        if (HostAndPortRegex().Match(text) is { Success: true } both)
            return Parsed<string>.Wrong(
                $"'{text}' has a port in it; write {cure(both.Groups["host"].Value.Trim('[', ']'), both.Groups["port"].Value)}.");
        return text.Contains('/')
            ? Parsed<string>.Wrong($"'{text}' has a folder in it; write the host's name only, and the folder into 'root'.")
            : Host(text);
    }

    /// <summary>A media type, optionally with parameters.</summary>
    public static Parsed<string> MediaType(string text) =>
        MediaTypeRegex().IsMatch(text) ? text : Parsed<string>.Wrong($"'{text}' is no media type; write for example audio/mp4.");

    /// <summary>The address of an S3 server.</summary>
    public static Parsed<Uri> Endpoint(string text)
    {
        var url = HttpUrl(text);
        return url.Problem is null && (url.Value.Query.Length > 0 || url.Value.Fragment.Length > 0)
            ? Parsed<Uri>.Wrong("The endpoint has a query or a fragment; write the server's address only.")
            : url;
    }

    /// <summary>A bucket at Amazon, where names must be lower-case.</summary>
    public static Parsed<string> AmazonBucket(string text)
    {
        var bucket = Bucket(text);
        return bucket.Problem is null && text.Any(char.IsAsciiLetterUpper)
            ? Parsed<string>.Wrong(
                $"'{text}' has capital letters, which no bucket of Amazon has; write '{text.ToLowerInvariant()}', or 'endpoint' for another server.")
            : bucket;
    }

    /// <summary>An IP address, in its shortest form.</summary>
    public static Parsed<string> Address(string text) =>
        IPAddress.TryParse(text, out var address) && text.AsSpan().ContainsAny('.', ':')
            ? address.ToString()
            : Parsed<string>.Wrong($"'{text}' is no IP address; write for example 127.0.0.1, or 0.0.0.0 for all addresses of this machine.");

    /// <summary>A file mode in octal digits: nine bits, and the owner must be able to read.</summary>
    public static Parsed<string> FileMode(string text)
    {
        if (Octal(text, 0x1FF) is not { } mode)
            return Parsed<string>.Wrong($"'{text}' is no mode of files; write three octal digits such as 0640, as chmod takes them.");
        return (mode & 0x100) != 0
            ? text
            : Parsed<string>.Wrong(
                $"With the mode '{text}' the owner could not read the files, so that no copy could be verified again; begin it with 4 or more.");
    }

    /// <summary>A folder mode in octal digits: nine bits, set-group-id and the sticky bit; the owner must have all three rights.</summary>
    public static Parsed<string> FolderMode(string text)
    {
        if (Octal(text, 0x7FF) is not { } mode)
            return Parsed<string>.Wrong(
                $"'{text}' is no mode of folders; write three or four octal digits such as 0750 or 2770, as chmod takes them.");
        return (mode & 0x1C0) == 0x1C0
            ? text
            : Parsed<string>.Wrong($"With the mode '{text}' the owner could not use the folders; begin its last three digits with 7.");
    }

    /// <summary>A user or group by name or number.</summary>
    public static Parsed<string> Account(string text) =>
        AccountRegex().IsMatch(text)
            ? AccountNumber(text) is { Problem: null } || !char.IsAsciiDigit(text[0]) ? text : AccountNumber(text)
            : Parsed<string>.Wrong($"'{text}' is no name or number of a user or group.");

    /// <summary>A user or group by its number.</summary>
    public static Parsed<string> AccountNumber(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < uint.MaxValue
            ? text
            : Parsed<string>.Wrong(
                $"'{text}' is no number of a user or group; the protocol knows no names, so write for example 1000 (id -u, id -g on the host).");

    private static int? Octal(string text, int most) =>
        text.Length is 3 or 4 or 5
            && text.All(c => c is >= '0' and <= '7')
            && (text.Length < 5 || text[0] == '0')
            && Convert.ToInt32(text, 8) is var mode
            && mode <= most
            ? mode
            : null;

    public static Parsed<string> Bucket(string text) =>
        BucketRegex().IsMatch(text)
            ? text
            : Parsed<string>.Wrong($"'{text}' is no name of a bucket; write 3 to 63 letters, digits, '.', '-' or '_'.");

    /// <summary>A storage class. Amazon's are known; other servers define their own.</summary>
    public static Parsed<string> StorageClass(string text, bool isAmazon)
    {
        if (isAmazon) return OneOf(AmazonStorageClasses)(text);
        return StorageClassRegex().IsMatch(text)
            ? text
            : Parsed<string>.Wrong($"'{text}' is no name of a storage class; write letters, digits, '_' and '-' only.");
    }

    /// <summary>A key prefix, without slashes at either end.</summary>
    public static Parsed<string> Prefix(string text)
    {
        if (StrayText.OfPath(text) is { } stray) return Parsed<string>.Wrong(stray);
        var trimmed = text.Trim('/');
        if (trimmed.Split('/').Any(part => part is "." or ".."))
            return Parsed<string>.Wrong($"'{text}' contains '.' or '..'; write the prefix without them.");
        return AnyText(trimmed);
    }

    /// <summary>A message about a name that is not in a list.</summary>
    public static string NotOneOf(string text, IReadOnlyCollection<string> names)
    {
        var nearest = NearestName.Of(text, names) is { } name ? $"did you mean '{name}'? " : "";
        return $"'{text}' is none of {string.Join(", ", names)}; {(nearest.Length > 0 ? nearest.TrimEnd() : "write one of them.")}";
    }

    [GeneratedRegex(SecretPattern, RegexOptions.CultureInvariant)]
    private static partial Regex SecretRegex();

    [GeneratedRegex(@"^[\p{L}\p{N}_\[:][\p{L}\p{N}._:%\[\]-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex HostRegex();

    // The grammar of RFC 6838.
    [GeneratedRegex(
        @"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(; ?[A-Za-z0-9_-]+=[A-Za-z0-9_.+-]+)*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex MediaTypeRegex();

    // Exactly one colon, or a closing bracket before it: an IPv6 address contains colons itself.
    [GeneratedRegex(@"^(?<host>[^:\[\]]+|\[.*\]):(?<port>[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPortRegex();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex StorageClassRegex();

    [GeneratedRegex(@"^([0-9]+|[\p{L}_][\p{L}\p{N}._@\\-]*\$?)$", RegexOptions.CultureInvariant)]
    private static partial Regex AccountRegex();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{2,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex BucketRegex();
}
