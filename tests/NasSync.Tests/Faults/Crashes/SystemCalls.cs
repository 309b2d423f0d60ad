using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Crashes;

/// <summary>One system call that changes files, as recorded by strace. Paths are absolute; times are line numbers of the trace.</summary>
/// <param name="Name">The call.</param>
/// <param name="Path">The file or folder; for a rename, the old name.</param>
internal sealed record SystemCall(string Name, string Path)
{
    /// <summary>The second path of a rename or a link.</summary>
    public string? To { get; init; }

    /// <summary>The written bytes.</summary>
    public byte[] Data { get; init; } = [];

    /// <summary>The offset of a write, or the new length of a truncation.</summary>
    public long Offset { get; init; }

    /// <summary>The new modification time, in nanoseconds.</summary>
    public long MtimeNs { get; init; }

    /// <summary>Whether it created or truncated the file.</summary>
    public bool Creates { get; init; }

    /// <summary>Whether it removes a folder.</summary>
    public bool OfFolder { get; init; }

    /// <summary>When the call began.</summary>
    public int Begin { get; init; }

    /// <summary>When the call returned.</summary>
    public int End { get; init; }

    /// <summary>Whether it makes content or folder entries durable.</summary>
    public bool IsSync => Name is "fsync" or "fdatasync";
}

/// <summary>Runs the program under strace and parses the trace. Needs <c>strace</c>.</summary>
internal static partial class SystemCalls
{
    private const string Traced = "openat,openat2,write,pwrite64,pwritev,ftruncate,fallocate,utimensat,fsync,fdatasync,rename,renameat,"
        + "renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir";

    // strace's limit of a printed string; larger than any single write here.
    private const string Longest = "4194304";

    /// <summary>Runs <c>nassync sync</c> and returns the successful calls below a folder, ordered by the time they returned.</summary>
    public static async Task<IReadOnlyList<SystemCall>> OfSyncAsync(string config, string below)
    {
        using var folder = new TempFolder();
        var trace = folder["trace"];
        var run = await Nassync.RunUnderAsync(
            ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", Longest, "-e", $"trace={Traced}", "-o", trace], "sync", "--json", "--config",
            config);
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        return [.. Read(trace).Where(call => call.Path.StartsWith(below + "/", StringComparison.Ordinal))];
    }

    private static IEnumerable<SystemCall> Read(string trace)
    {
        var begun = new Dictionary<string, (string Text, int Line)>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(trace))
        {
            number++;
            var (thread, text) = (
                line[..line.IndexOf(' ', StringComparison.Ordinal)],
                line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].TrimStart());
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[thread] = (text[..^"<unfinished ...>".Length], number);
                continue;
            }

            var from = number;
            if (Resumed().Match(text) is { Success: true } resumed)
            {
                if (!begun.Remove(thread, out var first)) continue;
                (text, from) = (first.Text + text[resumed.Length..], first.Line);
            }

            if (Parse(text) is { } call) yield return call with { Begin = from, End = number };
        }
    }

    private static SystemCall? Parse(string text)
    {
        if (Whole().Match(text) is not { Success: true } match || match.Groups["result"].Value[0] == '-') return null;
        var (name, result) = (match.Groups["name"].Value, match.Groups["result"].Value);
        var words = Words(match.Groups["arguments"].Value);
        switch (name)
        {
            case "openat" or "openat2":
                var flags = words[2].Split(',')[0];
                var creates = flags.Contains("O_CREAT", StringComparison.Ordinal) || flags.Contains("O_TRUNC", StringComparison.Ordinal);
                return creates ? new(name, Handle(result)) { Creates = true, OfFolder = flags.Contains("O_TRUNC", StringComparison.Ordinal) } : null;
            case "write":
                return new(name, Handle(words[0])) { Data = Bytes(words[1]), Offset = -1 };
            case "pwrite64":
                return new(name, Handle(words[0]))
                {
                    Data = Bytes(words[1])[..int.Parse(result, CultureInfo.InvariantCulture)],
                    Offset = Number(words[3]),
                };
            case "ftruncate":
                return new(name, Handle(words[0])) { Offset = Number(words[1]) };
            case "utimensat":
                var time = Time().Matches(text)[^1];
                var path = words[1] == "NULL" ? Handle(words[0]) : Below(words[0], words[1]);
                return new(name, path) { MtimeNs = (Number(time.Groups[1].Value) * 1_000_000_000) + Number(time.Groups[2].Value) };
            case "fsync" or "fdatasync":
                return new(name, Handle(words[0]));
            case "rename" or "link":
                return new(name, Decoded(words[0])) { To = Decoded(words[1]) };
            case "renameat" or "renameat2" or "linkat":
                return new(name, Below(words[0], words[1])) { To = Below(words[2], words[3]) };
            case "unlink" or "mkdir" or "rmdir":
                return new(name, Decoded(words[0])) { OfFolder = name == "rmdir" };
            case "unlinkat":
                return new(name, Below(words[0], words[1])) { OfFolder = words[2].Contains("AT_REMOVEDIR", StringComparison.Ordinal) };
            case "mkdirat":
                return new(name, Below(words[0], words[1]));
            default:
                throw new NotSupportedException($"{name} is not understood yet: {text}");
        }
    }

    // Strings are printed in hex, so no comma or bracket inside one can split it.
    private static List<string> Words(string arguments) => [.. arguments.Split(", ")];

    private static string Handle(string word) => Named().Match(word) is { Success: true } match ? Decoded(match.Groups[1].Value) : "";

    private static string Below(string folder, string name) => Path.Join(Decoded(name).StartsWith('/') ? "" : Handle(folder), Decoded(name));

    private static string Decoded(string hex) => Encoding.UTF8.GetString(Bytes(hex));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Trim('"').Replace("\\x", "", StringComparison.Ordinal));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?<name>\w+)\((?<arguments>.*)\)\s+= (?<result>-?\d+.*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^\w+<((?:\\x[0-9a-f]{2})+)>")]
    private static partial Regex Named();

    [GeneratedRegex(@"tv_sec=(\d+), tv_nsec=(\d+)")]
    private static partial Regex Time();
}
