using System.Collections.ObjectModel;
using System.Text.RegularExpressions;

namespace NasSync.Config.Reading;

/// <summary>Reads the named destinations, each with the keys of its type.</summary>
internal static partial class DestinationReader
{
    /// <summary>The type names; <c>scp</c> is an alias of <c>sftp</c>.</summary>
    public static readonly string[] Types = ["local", "rsync", "sftp", "scp", "s3"];

    /// <summary>The supported values of <c>serverSideEncryption</c>.</summary>
    public static readonly string[] Encryptions = ["AES256", "aws:kms"];

    /// <summary>The form of a name: at least two characters, because a single letter is a Windows drive.</summary>
    public const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]+$";

    public static Dictionary<string, DestinationConfig> Read(MappingReader? map, ISet<string> names)
    {
        var destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in map?.Entries ?? [])
        {
            if (ProblemOf(entry.Key, names) is { } problem) map!.ErrorAtKey(entry, problem);
            names.Add(entry.Key);
            if (map!.Mapping(entry.Value, map.PathOf(entry.Key)) is not { } settings) continue;
            if (ReadOne(entry.Key, settings) is { } destination) destinations[entry.Key] = destination;
        }

        return destinations;
    }

    private static string? ProblemOf(string name, ISet<string> names)
    {
        if (name.Equals(Target.LocalName, StringComparison.OrdinalIgnoreCase))
            return "A destination cannot be called 'local', which stands for plain paths; give it another name.";
        if (name is [var letter] && char.IsAsciiLetter(letter))
            return $"A destination cannot be called '{name}', because '{name}:' is a drive of Windows; give it a longer name.";
        if (!NameRegex().IsMatch(name)) return $"'{name}' cannot be the name of a destination; use letters, digits, '.', '_' and '-' only.";
        return names.Contains(name) ? $"There are two destinations '{name}'; names do not differ by case. Rename one." : null;
    }

    private static DestinationConfig? ReadOne(string name, MappingReader map)
    {
        map.Require("type", $"write one of {string.Join(", ", Types)}.");
        var type = map.Object("type", Texts.OneOf(Types));
        if (type is null) return null;
        var limit = map.Rate("bandwidthLimit");
        var destination = (DestinationConfig?)(type switch
        {
            "local" => Local(name, map),
            "rsync" => Rsync(name, map),
            "s3" => S3(name, map),
            _ => Sftp(name, map),
        });
        map.Finish();
        var reserved = Enum.GetValues<TransferMethod>().Select(MethodDestination.NameFor).Contains(name, StringComparer.OrdinalIgnoreCase);
        if (reserved && !name.Equals(type == "scp" ? "sftp" : type, StringComparison.OrdinalIgnoreCase))
            map.Error(
                "type",
                $"The name '{name}' stands for plain paths with that method, so its type must be {name} too; rename it or change its type.");
        return destination is null ? null : destination with { BandwidthLimit = limit };
    }

    private static LocalDestinationConfig? Local(string name, MappingReader map)
    {
        map.Require("root", "write the folder that copies go to.");
        var (fileMode, dirMode) = (map.Object("fileMode", Texts.FileMode), map.Object("dirMode", Texts.FolderMode));
        var (owner, group) = (map.Object("owner", Texts.Account), map.Object("group", Texts.Account));
        return map.FullPath("root") is { } root
            ? new() { Name = name, Root = root, FileMode = fileMode, DirMode = dirMode, Owner = owner, Group = group }
            : null;
    }

    private static RsyncDestinationConfig? Rsync(string name, MappingReader map)
    {
        var isDefault = name.Equals(MethodDestination.NameFor(TransferMethod.Rsync), StringComparison.OrdinalIgnoreCase);
        if (!isDefault) map.Require("target", "write for example user@host:/path.");
        var target = map.Object("target", text => text.Length == 0 && isDefault ? text : RsyncTarget(text, map.Paths));
        var (compress, password) = (map.Bool("compress") ?? false, map.Secret("password"));
        var fileMode = map.Object("fileMode", Texts.FileMode);
        Refuse(
            map,
            ["dirMode", "owner", "group"],
            "rsync does not say whether it was obeyed; set it at the target (umask, a folder with "
                + "set-group-id, uid and gid of a daemon), or take sftp.");
        if (target is null && !isDefault) return null;
        return new() { Name = name, Target = target ?? "", Compress = compress, FileMode = fileMode, Password = password };
    }

    private static SftpDestinationConfig? Sftp(string name, MappingReader map)
    {
        map.Require("host", "write the server's name or its alias in ssh_config.");
        map.Require("root", "write the folder on the server.");
        var (host, root) = (map.Object("host", Texts.HostName), map.Object("root", Texts.Path));
        var (port, user) = (map.Number("port", 1, Limits.HighestPort), map.Object("user", Texts.Host));
        var (identity, known, password) = (map.FullPath("identityFile"), map.FullPath("knownHosts"), map.Secret("password"));
        var (connections, ciphers) = (map.Number("connections", 1, Limits.MostConnections), map.Object("ciphers", Texts.Ciphers));
        var (fileMode, dirMode) = (map.Object("fileMode", Texts.FileMode), map.Object("dirMode", Texts.FolderMode));
        var (owner, group) = (map.Object("owner", Texts.AccountNumber), map.Object("group", Texts.AccountNumber));
        if (host is null || root is null) return null;
        var sftp = new SftpDestinationConfig
        {
            Name = name,
            Host = host,
            Root = root,
            Port = port,
            User = user,
            IdentityFile = identity,
            KnownHosts = known,
            Password = password,
            Ciphers = ciphers,
        };
        sftp = sftp with { FileMode = fileMode, DirMode = dirMode, Owner = owner, Group = group };
        return connections is { } most ? sftp with { Connections = most } : sftp;
    }

    private static S3DestinationConfig? S3(string name, MappingReader map)
    {
        map.Require("bucket", "write the bucket's name.");
        var bucket = map.Any("endpoint") is null ? map.Object("bucket", Texts.AmazonBucket) : map.Object("bucket", Texts.Bucket);
        var (prefix, region, endpoint) = (map.Object("prefix", Texts.Prefix) ?? "", map.Text("region"), map.Object("endpoint", Texts.Endpoint));
        if (bucket is not null
            && endpoint is not null
            && (endpoint.AbsolutePath.Trim('/') == bucket || endpoint.Host.StartsWith($"{bucket}.s3", StringComparison.OrdinalIgnoreCase)))
            map.Error("endpoint", $"The endpoint names the bucket '{bucket}', too; write the server's address only, without the bucket.");
        var (id, secret) = (map.Secret("accessKeyId"), map.Secret("secretAccessKey"));
        if (map.Any("accessKeyId") is null != map.Any("secretAccessKey") is null)
        {
            var given = map.Any("accessKeyId") is null ? "secretAccessKey" : "accessKeyId";
            map.Error(given, "accessKeyId and secretAccessKey belong together; give both or none.");
        }

        Refuse(
            map,
            ["fileMode", "dirMode", "owner", "group"],
            "Objects of a bucket have no modes and owners of this kind; the bucket's policy says who may read them.");
        var storage = map.Object("storageClass", text => Texts.StorageClass(text, isAmazon: map.Any("endpoint") is null));
        var (encryption, key) = (map.Object("serverSideEncryption", Texts.OneOf(Encryptions)), map.Text("kmsKeyId"));
        if (key is not null && encryption != "aws:kms")
            map.Error("kmsKeyId", "A kmsKeyId is used with aws:kms only; write 'serverSideEncryption: aws:kms', or remove it.");
        var types = ContentTypes(map.Mapping("contentTypes"));
        var partSize = map.Value("partSize", SizeText.Between(5L << 20, 512L << 20));
        if (bucket is null) return null;
        return new()
        {
            Name = name,
            Bucket = bucket,
            Prefix = prefix,
            Region = region,
            Endpoint = endpoint,
            AccessKeyId = id,
            SecretAccessKey = secret,
            StorageClass = storage,
            ServerSideEncryption = encryption,
            KmsKeyId = key,
            PartSize = partSize,
            ContentTypes = types,
        };
    }

    private static void Refuse(MappingReader map, string[] keys, string why)
    {
        foreach (var key in keys)
            if (map.Any(key) is not null) map.Error(key, $"There is no '{key}' for this type. {why}");
    }

    private static IReadOnlyDictionary<string, string> ContentTypes(MappingReader? map)
    {
        if (map is null) return ReadOnlyDictionary<string, string>.Empty;
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in map.Entries)
        {
            var type = map.Object(entry.Key, Texts.MediaType);
            if (!ExtensionRegex().IsMatch(entry.Key))
                map.ErrorAtKey(entry, $"'{entry.Key}' is no extension; write one with its dot, such as '.m4a'.");
            else if (type is not null && !types.TryAdd(entry.Key.ToLowerInvariant(), type))
                map.ErrorAtKey(entry, $"'{entry.Key}' stands here twice; extensions do not differ by case. Remove one.");
        }

        return types;
    }

    /// <summary>Checks an rsync target; a path of this machine becomes a full path.</summary>
    public static Parsed<string> RsyncTarget(string text, PathResolver paths)
    {
        if (Texts.Text(text) is { Problem: { } problem }) return Parsed<string>.Wrong(problem);
        if (StrayText.OfPath(text) is { } stray) return Parsed<string>.Wrong(stray);
        if (text.StartsWith('-')) return Parsed<string>.Wrong($"'{text}' would be taken for an option of rsync; write for example user@host:/path.");
        // Do not repeat the text in the message: it may hold a password.
        var host = (text.StartsWith("rsync://", StringComparison.OrdinalIgnoreCase) ? text["rsync://".Length..] : text).Split('/')[0];
        if (host.LastIndexOf('@') is var at && at >= 0 && host[..at].Contains(':'))
            return Parsed<string>.Wrong("The target holds a password; write 'password: env:NAME' instead.");
        if (SshPortRegex().IsMatch(text))
            return Parsed<string>.Wrong(
                $"'{text}' has a port in it, which rsync takes for a folder; write the port into ssh_config, or use 'type: sftp' with 'port'.");
        return text.Contains(':') ? text : paths.Full(text);
    }

    [GeneratedRegex("^[^:/]+:[0-9]+:", RegexOptions.CultureInvariant)]
    private static partial Regex SshPortRegex();

    /// <summary>The form of an extension, with its dot.</summary>
    public const string ExtensionPattern = @"^\.[A-Za-z0-9_+-]{1,16}$";

    [GeneratedRegex(ExtensionPattern, RegexOptions.CultureInvariant)]
    private static partial Regex ExtensionRegex();

    [GeneratedRegex(NamePattern, RegexOptions.CultureInvariant)]
    private static partial Regex NameRegex();
}
