namespace NasSync.Destinations.Rsync;

/// <summary>How rsync reaches its target.</summary>
internal enum RsyncWay
{
    /// <summary>A local folder.</summary>
    Local,

    /// <summary><c>user@host:path</c>, over ssh.</summary>
    Ssh,

    /// <summary><c>rsync://user@host:port/module/path</c>, to a daemon.</summary>
    Daemon,
}

/// <summary>A target in rsync's syntax, always a folder.</summary>
/// <param name="Way">How rsync reaches it.</param>
/// <param name="Argument">The target as an argument, with a slash at its end.</param>
/// <param name="Host">The host; empty for a local folder.</param>
internal sealed record RsyncTarget(RsyncWay Way, string Argument, string Host)
{
    /// <summary>The user of the ssh login; null when none is given.</summary>
    public string? User { get; init; }

    /// <summary>The target, for people.</summary>
    public string Place => Argument.Length > 1 ? Argument.TrimEnd('/') : Argument;

    /// <summary>The folder as rsync's error messages name it, without a slash at its end; null when only the host knows it.</summary>
    public string? Root => Way switch
    {
        RsyncWay.Local => Cleaned(Argument),
        RsyncWay.Ssh when Argument.IndexOf(":/", StringComparison.Ordinal) is var at and >= 0 => Cleaned(Argument[(at + 1)..]),
        RsyncWay.Ssh => null,
        _ => Cleaned(Argument.Split('/', 5)[4]),
    };

    /// <summary>A daemon's module and the folder below it, each with a slash at its end; null for other targets and for a module itself.</summary>
    public (string Module, string Folder)? BelowModule
    {
        get
        {
            if (Way != RsyncWay.Daemon || Root is not { Length: > 1 } folder) return null;
            return (string.Join('/', Argument.Split('/', 5)[..4]) + "/", folder[1..] + "/");
        }
    }

    /// <summary>Parses a target.</summary>
    /// <exception cref="FailureException">The text is no target (class Config).</exception>
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

        // host::module is the other syntax for a daemon.
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

    // As in rsync, only a colon before the first slash and outside the brackets of an IPv6 address separates host and path.
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
