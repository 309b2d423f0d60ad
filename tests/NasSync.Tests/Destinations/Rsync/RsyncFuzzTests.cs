using System.Text;
using NasSync.Destinations.Rsync;
using NasSync.Destinations.Ssh;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Rsync;

/// <summary>Whatever rsync, or something in its place, prints: a line is understood or is none, and an error is a failure with a hint.</summary>
public sealed class RsyncFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Samples =
    [
        ".f..t...... song", ">f+++++++++ box/Caf\\#303\\#251\\#134#012.m4a", "<fcs....... song", ".d..t...... box/", "cd+++++++++ box",
        "*deleting   song",
        "-rw-r--r--      3,000,000 2023/11/14 22:13:20  a\\#011b", "drwxr-xr-x        4096 2026/11/20 11:54:38 .",
        "lrwxrwxrwx             11 2026/11/20 11:54:38 song -> /etc/passwd",
        "         32,768   1%   31.25MB/s    0:00:00  ", "        3000000 100%  357.63MB/s    0:00:00 (xfr#2, to-chk=1/5)",
        "rsync  version 3.5.0  protocol version 32", "rsync  version v3.2.4pre1  protocol version 31", "openrsync: protocol version 29",
        "backup@vault:/srv/media", "rsync://me@nas:8730/media/x", "me@[::1]:media", "nas::media/x", "/srv/media",
        "rsync: [receiver] mkstemp \"/root/box/.song.m4a.a1B2c3\" failed: Permission denied (13)\n"
            + "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338) [sender=3.2.7]",
        "rsync: [receiver] rename \"/root/box/.song.m4a.a1B2c3\" -> \"box/song.m4a\": Is a directory (21)\n"
            + "could not make way for new regular file: box/song.m4a",
        "rsync: [sender] link_stat \"/staging/box/song.m4a\" failed: No such file or directory (2)\nfile has vanished: \"/staging/box/song.m4a\"",
        "ssh: connect to host vault port 22: Connection refused\nrsync: connection unexpectedly closed (0 bytes received so far) [sender]\n"
            + "rsync error: unexplained error (code 255) at io.c(231)",
        "@ERROR: Unknown module 'media'\nrsync error: error starting client-server protocol (code 5) at main.c(1863)",
        "protocol version mismatch -- is your shell clean?\n(see the rsync manpage for an explanation)",
    ];

    private static readonly string[] Pieces =
    [
        "\\#", "\\#012", "\\#377", "\\#3", "\\", "\"", "\" -> \"", ": ", "(13)", "(2)", "(9999)", "(99999)", "()", "rsync: ", "rsync error:",
        "rsync warning:", "\n", "\0", "%", ",", "  ", "++", "100%", "-", "d", ".nassync-partial/",
        "0000/00/00 00:00:00", "9999/12/31 23:59:59", "99999999999999999999", "/root/", "/staging/", "box/song.m4a", ".song.m4a.a1B2c3", "::",
        "rsync://", "@", "[", "]", ":", "..", "\u0130",
        "Host key verification failed", "Permission denied (", "IDENTIFICATION HAS CHANGED", "read only", "auth failed", "Failed to exec",
        "rsync: command not found",
    ];

    private static readonly SshCommand Ssh = new(new SshLogin("vault"), new Dictionary<string, string>());
    private static readonly RelativePath Song = RelativePath.Parse("box/song.m4a");

    [Fact]
    public void Whatever_rsync_prints_is_understood_or_left()
    {
        var answers = Fuzzer.OfTexts(Samples, Pieces).Run(output, bytes => Read(Encoding.UTF8.GetString(bytes)));
        Assert.All(["item", "listed", "progress"], answer => Assert.Contains(answers.Keys, key => key.Contains(answer, StringComparison.Ordinal)));
    }

    private static string Read(string text)
    {
        var answer = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            if (RsyncText.Item(line) is { } item)
                answer.Append(item.IsFile || item.IsSame || item.IsMissing || item.HasOtherTime ? "item " : "other ");
            if (RsyncText.Listed(line) is { } listed) Listed(listed, answer);
            if (RsyncText.Progress(line) is { } progress) Assert.True(progress >= 0);
            if (RsyncText.Progress(line) is not null) answer.Append("progress ");
            RsyncText.Unescape(line);
        }

        answer.Append(Caught(() => RsyncVersion.Parse(text).HasFsync ? "version" : "old"));
        answer.Append(Caught(() => Target(RsyncTarget.Parse(text))));
        Errors(text, answer);
        return answer.ToString();
    }

    private static void Listed(ListLine listed, StringBuilder answer)
    {
        Assert.True(listed.State.Size >= 0);
        Assert.NotEmpty(listed.Name);
        answer.Append("listed ");
    }

    // What is taken for a target must not be an option in rsync's argument vector.
    private static string Target(RsyncTarget target)
    {
        Assert.False(
            target.Argument.StartsWith('-') || target.Host.StartsWith('-') || target.User?.StartsWith('-') == true,
            $"{target} is an option");
        _ = target.Root;
        return $" {target.Way}";
    }

    private static void Errors(string text, StringBuilder answer)
    {
        var errors = new RsyncErrors(text, ["/root", "/staging/"]);
        Sound(errors.Of(Song, "write", "box/song.m4a"), answer);
        _ = (errors.Misses(Song), errors.SaysMoreThan([Song]), errors.FirstErrno, RsyncErrors.RootOf(text, "song.m4a"));
        Assert.DoesNotContain(errors.Said(), char.IsControl);
        foreach (var exitCode in (int[])[1, 2, 3, 5, 12, 23, 30, 127, 255])
            Sound(RsyncFailure.Of(new RsyncExit(exitCode, text, false), RsyncTarget.Parse("me@vault:/srv"), Ssh, "write"), null);
    }

    private static void Sound(Failure? failure, StringBuilder? answer)
    {
        if (failure is null) return;
        Assert.NotEmpty(failure.Hint);
        Assert.DoesNotContain(failure.Message + failure.Hint, char.IsControl);
        Assert.InRange(failure.Message.Length, 1, 2000);
        answer?.Append(' ').Append(failure.Code);
    }

    private static string Caught(Func<string> parse)
    {
        try
        {
            return parse();
        }
        catch (FailureException refused)
        {
            Assert.DoesNotContain(refused.Failure.Message, char.IsControl);
            return "";
        }
    }
}
