namespace NasSync.Destinations.Rsync;

/// <summary>Which way rsync goes to its target.</summary>
internal enum RsyncWay
{
    /// <summary>A folder of this machine.</summary>
    Local,

    /// <summary><c>user@host:path</c>, over ssh.</summary>
    Ssh,

    /// <summary><c>rsync://user@host:port/module/path</c>, to a daemon.</summary>
    Daemon,
}

/// <summary>A target as rsync takes it, always as a folder.</summary>
/// <param name="Way">Which way rsync goes.</param>
/// <param name="Argument">The target as an argument, with a slash at its end.</param>
/// <param name="Host">The host; empty for a folder of this machine.</param>
internal sealed record RsyncTarget(RsyncWay Way, string Argument, string Host)
{
    /// <summary>The user of an ssh login; null when none is named.</summary>
    public string? User { get; init; }

    /// <summary>The target as people know it.</summary>
    public string Place => Argument.Length > 1 ? Argument.TrimEnd('/') : Argument;

    /// <summary>The folder as rsync names it in its errors, without a slash at its end; null when only the host knows it.</summary>
    public string? Root => Way switch
    {
        RsyncWay.Local => Cleaned(Argument),
        RsyncWay.Ssh when Argument.IndexOf(":/", StringComparison.Ordinal) is var at and >= 0 => Cleaned(Argument[(at + 1)..]),
        RsyncWay.Ssh => null,
        _ => Cleaned(Argument.Split('/', 5)[4]),
    };

    /// <summary>The module of a daemon and the folder below it, with a slash at its end; null for another target, and for a module itself.</summary>
    public (string Module, string Folder)? BelowModule
    {
        get
        {
            if (Way != RsyncWay.Daemon || Root is not { Length: > 1 } folder) return null;
            return (string.Join('/', Argument.Split('/', 5)[..4]) + "/", folder[1..] + "/");
        }
    }

    /// <summary>Reads a target.</summary>
    /// <exception cref="FailureException">It is none (Config).</exception>
    public static RsyncTarget Parse(string text)
    {
        if (text.StartsWith('-') || text.AsSpan().IndexOfAny('\0', '\n') >= 0) throw Wrong(text, "would be taken for something else by rsync");
        if (text.StartsWith("rsync://", StringComparison.OrdinalIgnoreCase)) return Daemon(text, text["rsync://".Length..]);
        var colon = ColonOf(text);
        if (colon < 0)
        {
            if (!text.StartsWith('/')) throw Wrong(text, "is no full path, no user@host:path and no rsync:// address");
            return new(RsyncWay.Local, AsFolder(text), "");
        }

        // host::module is the daemon's other spelling.
        var (login, path) = (text[..colon], text[(colon + 1)..]);
        if (path.StartsWith(':')) return Daemon(text, $"{login}/{path[1..]}");
        var at = login.LastIndexOf('@');
        var host = login[(at + 1)..].Trim('[', ']');
        if (host.Length == 0 || host.StartsWith('-') || login.StartsWith('-') || at == 0) throw Wrong(text, "names no host");
        return new(RsyncWay.Ssh, $"{login}:{(path.Length == 0 ? "./" : AsFolder(path))}", host) { User = at > 0 ? login[..at] : null };
    }

    private static RsyncTarget Daemon(string text, string rest)
    {
        var words = rest.Split('/', 2);
        if (words.Length < 2 || words[0].Length == 0 || words[1].Trim('/').Length == 0) throw Wrong(text, "names no module");
        var host = words[0][(words[0].LastIndexOf('@') + 1)..];
        if (host.Length == 0 || host.StartsWith('-') || words[0].StartsWith('-')) throw Wrong(text, "names no host");
        return new(RsyncWay.Daemon, AsFolder($"rsync://{rest}"), host);
    }

    // Like rsync: only a colon before the first slash, and not within the brackets of an IPv6 address, parts a host from a path.
    private static int ColonOf(string text)
    {
        var slash = text.IndexOf('/');
        var from = Math.Max(text.IndexOf(']'), 0);
        var colon = text.IndexOf(':', from);
        return colon >= 0 && (slash < 0 || colon < slash) ? colon : -1;
    }

    private static string Cleaned(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or "..")) parts.Add(part);
        }

        return string.Concat(parts.Select(part => "/" + part));
    }

    private static string AsFolder(string path) => path.EndsWith('/') ? path : path + "/";

    private static FailureException Wrong(string text, string why) => new(new Failure(
        FailureClass.Config,
        "RsyncTarget",
        $"The rsync target {Failure.Quote(text)} {why}.",
        "Write /folder, user@host:/folder or rsync://host/module/folder."));
}
