using NasSync.Destinations.Rsync;

namespace NasSync.Tests.Destinations.Rsync;

public sealed class RsyncTextTests
{
    [Theory]
    [InlineData(@"plain", "plain")]
    [InlineData(@"line\#012feed", "line\nfeed")]
    [InlineData(@"Caf\#303\#251\#134#012", "Café\\#012")]
    [InlineData(@"no \#18x and \#1", @"no \#18x and \#1")]
    [InlineData(@"\#377", null)]
    public void Names_are_read_as_they_are(string printed, string? name) => Assert.Equal(name, RsyncText.Unescape(printed));

    [Theory]
    [InlineData(".f           leading blank", true, false, false, " leading blank")]
    [InlineData(".f..t...... song", true, false, true, "song")]
    [InlineData("<fcs....... song", false, false, false, "song")]
    [InlineData(">f+++++++++ song", false, true, false, "song")]
    public void Itemized_lines_say_what_differs(string line, bool same, bool missing, bool otherTime, string name)
    {
        var item = RsyncText.Item(line)!;
        Assert.Equal((same, missing, otherTime, name), (item.IsSame, item.IsMissing, item.HasOtherTime, item.Name));
    }

    [Theory]
    [InlineData("*deleting   song")]
    [InlineData("created 2 directories for x")]
    [InlineData("")]
    public void Other_lines_are_no_items(string line) => Assert.Null(RsyncText.Item(line));

    [Fact]
    public void A_listing_tells_kind_size_time_and_name()
    {
        var line = RsyncText.Listed(@"-rw-r--r--      3,000,000 2023/11/14 22:13:20  a\#011b")!;
        Assert.Equal(('-', 3_000_000, 1_700_000_000_000_000_000, " a\tb"), (line.Kind, line.State.Size, line.State.MtimeNs, line.Name));
        Assert.Equal('d', RsyncText.Listed("drwxr-xr-x        4096 2026/11/20 11:54:38 .")!.Kind);
    }

    [Theory]
    [InlineData("         32,768   1%   31.25MB/s    0:00:00  ", 32_768)]
    [InlineData("        3000000 100%  357.63MB/s    0:00:00 (xfr#2, to-chk=1/5)", 3_000_000)]
    [InlineData("100% of songs", null)]
    public void Progress_tells_bytes(string line, int? bytes) => Assert.Equal(bytes, RsyncText.Progress(line));

    [Theory]
    [InlineData("rsync  version 3.5.0  protocol version 32", true, true, true)]
    [InlineData("rsync  version v3.2.3  protocol version 31", true, true, false)]
    [InlineData("rsync  version 3.1.3  protocol version 31", true, false, false)]
    [InlineData("rsync  version 3.0.9  protocol version 30", false, false, false)]
    public void Flags_are_those_of_the_version(string text, bool info, bool mkpath, bool fsync)
    {
        var version = RsyncVersion.Parse(text);
        Assert.Equal((info, mkpath, fsync), (version.HasInfo, version.HasMkpath, version.HasFsync));
    }

    [Theory]
    [InlineData("openrsync: protocol version 29")]
    [InlineData("rsync  version 2.6.9  protocol version 29")]
    public void Another_rsync_is_refused_with_the_cure(string text) =>
        Assert.Equal("RsyncTooOld", Assert.Throws<FailureException>(() => RsyncVersion.Parse(text)).Failure.Code);

    [Theory]
    [InlineData("/srv/media", nameof(RsyncWay.Local), "/srv/media/", "")]
    [InlineData("/srv/a:b", nameof(RsyncWay.Local), "/srv/a:b/", "")]
    [InlineData("backup@vault:/srv", nameof(RsyncWay.Ssh), "backup@vault:/srv/", "vault")]
    [InlineData("vault:", nameof(RsyncWay.Ssh), "vault:./", "vault")]
    [InlineData("me@[::1]:media", nameof(RsyncWay.Ssh), "me@[::1]:media/", "::1")]
    [InlineData("rsync://me@nas:8730/media", nameof(RsyncWay.Daemon), "rsync://me@nas:8730/media/", "nas:8730")]
    [InlineData("nas::media/x", nameof(RsyncWay.Daemon), "rsync://nas/media/x/", "nas")]
    public void A_target_is_read_as_rsync_reads_it(string text, string way, string argument, string host)
    {
        var target = RsyncTarget.Parse(text);
        Assert.Equal((way, argument, host), (target.Way.ToString(), target.Argument, target.Host));
    }

    [Theory]
    [InlineData("/srv//a/./b/../c/", "/srv/a/c")]
    [InlineData("/", "")]
    [InlineData("me@vault:/srv/media", "/srv/media")]
    [InlineData("vault:media", null)]
    [InlineData("rsync://nas/media/x", "/x")]
    [InlineData("rsync://nas/media", "")]
    public void The_folder_is_known_as_rsync_names_it(string text, string? root) => Assert.Equal(root, RsyncTarget.Parse(text).Root);

    [Theory]
    [InlineData("-e sh")]
    [InlineData("me@-oProxyCommand=x:/")]
    [InlineData("]-:")]
    [InlineData("me@[-oProxyCommand=x]:/")]
    [InlineData("rsync://nas/")]
    [InlineData("rsync://-/b")]
    [InlineData("rsync://me@-x/b")]
    [InlineData("rsync://me@/b")]
    [InlineData("media")]
    public void What_is_no_target_is_refused(string text) =>
        Assert.Equal("RsyncTarget", Assert.Throws<FailureException>(() => RsyncTarget.Parse(text)).Failure.Code);

    [Theory]
    [InlineData("rsync: [receiver] mkstemp \"/root/box/.song.m4a.a1B2c3\" failed: Permission denied (13)", "PermissionDenied")]
    [InlineData("rsync: [receiver] mkstemp \"/root/box/.nassync-partial/.song.m4a.a1B2c3\" failed: Permission denied (13)", "PermissionDenied")]
    [InlineData("rsync: [receiver] mkstemp \"/root/other/box/.song.m4a.a1B2c3\" failed: Permission denied (13)", null)]
    [InlineData("rsync: [sender] link_stat \"/root/other/box/song.m4a\" failed: Permission denied (13)", null)]
    [InlineData("rsync: [sender] link_stat \"/elsewhere/box/song.m4a\" failed: Permission denied (13)", null)]
    [InlineData("could not make way for new regular file: other/box/song.m4a", null)]
    [InlineData("rsync: [receiver] mkstemp \"/box/.song.m4a.a1B2c3\" (in media) failed: Permission denied (13)", "PermissionDenied")]
    [InlineData("rsync: [receiver] write failed on \"/root/box/song.m4a\": No space left on device (28)", "NoSpace")]
    [InlineData("rsync: [Receiver] mkdir \"/root/box\" failed: Read-only file system (30)", "ReadOnlyFileSystem")]
    [InlineData("file has vanished: \"/staging/box/song.m4a\"", "SourceVanished")]
    [InlineData("could not make way for new regular file: box/song.m4a", "IsAFolder")]
    [InlineData("rsync: [receiver] mkstemp \"/root/box/.other.m4a.a1B2c3\" failed: Permission denied (13)", null)]
    public void An_error_line_finds_its_file_and_no_other(string line, string? code) =>
        Assert.Equal(code, new RsyncErrors(line + "\nrsync error: some files (code 23)", [line.Contains("(in media)", StringComparison.Ordinal)
            ? ""
            : "/root", "/staging/"]).Of(RelativePath.Parse("box/song.m4a"), "write", "box/song.m4a")?.Code);

    // What is read there is no source of ours.
    [Fact]
    public void A_file_that_vanishes_while_it_is_read_from_the_target_is_not_told_as_a_source()
    {
        var errors = new RsyncErrors("file has vanished: \"/box/song.m4a\" (in media)", [""]);
        var path = RelativePath.Parse("box/song.m4a");
        Assert.True(errors.Vanished(path));
        Assert.False(errors.Misses(path));
        Assert.Equal("NotFound", errors.Of(path, "read", "song")?.Code);
        Assert.Equal("SourceVanished", errors.Of(path, "write", "song")?.Code);
    }

    [Theory]
    [InlineData("rsync://host:8730/media/volume/box", "rsync://host:8730/media/", "volume/box/")]
    [InlineData("me@host::media/volume/", "rsync://me@host/media/", "volume/")]
    public void A_folder_below_a_module_has_its_module(string target, string module, string folder) =>
        Assert.Equal((module, folder), RsyncTarget.Parse(target).BelowModule);

    [Theory]
    [InlineData("rsync://host/media")]
    [InlineData("rsync://host/media/")]
    [InlineData("me@host:/media/x")]
    [InlineData("/media/x")]
    public void Another_target_has_none(string target) => Assert.Null(RsyncTarget.Parse(target).BelowModule);
}
