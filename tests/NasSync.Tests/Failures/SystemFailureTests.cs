using System.ComponentModel;
using NasSync.Failures;
using NasSync.Tests.Support;

namespace NasSync.Tests.Failures;

public sealed class SystemFailureTests
{
    private const bool Linux = false;
    private const bool Darwin = true;

    [Theory]
    [InlineData(28, Linux, FailureClass.NoSpace, "NoSpace", "ENOSPC")]
    [InlineData(122, Linux, FailureClass.NoSpace, "QuotaExceeded", "EDQUOT")]
    [InlineData(69, Darwin, FailureClass.NoSpace, "QuotaExceeded", "EDQUOT")]
    [InlineData(13, Linux, FailureClass.Permission, "PermissionDenied", "EACCES")]
    [InlineData(1, Linux, FailureClass.Permission, "NotPermitted", "EPERM")]
    [InlineData(30, Linux, FailureClass.Permission, "ReadOnlyFileSystem", "EROFS")]
    [InlineData(30, Darwin, FailureClass.Permission, "ReadOnlyFileSystem", "EROFS")]
    [InlineData(24, Linux, FailureClass.Transient, "TooManyOpenFiles", "EMFILE")]
    [InlineData(23, Linux, FailureClass.Transient, "TooManyOpenFiles", "ENFILE")]
    [InlineData(116, Linux, FailureClass.Transient, "StaleHandle", "ESTALE")]
    [InlineData(70, Darwin, FailureClass.Transient, "StaleHandle", "ESTALE")]
    [InlineData(5, Linux, FailureClass.Transient, "IoError", "EIO")]
    [InlineData(4, Linux, FailureClass.Transient, "Interrupted", "EINTR")]
    [InlineData(11, Linux, FailureClass.Transient, "TryAgain", "EAGAIN")]
    [InlineData(35, Darwin, FailureClass.Transient, "TryAgain", "EAGAIN")]
    [InlineData(16, Linux, FailureClass.Transient, "Busy", "EBUSY")]
    [InlineData(26, Linux, FailureClass.Conflict, "FileInUse", "ETXTBSY")]
    [InlineData(36, Linux, FailureClass.Invalid, "NameTooLong", "ENAMETOOLONG")]
    [InlineData(63, Darwin, FailureClass.Invalid, "NameTooLong", "ENAMETOOLONG")]
    [InlineData(40, Linux, FailureClass.Invalid, "SymlinkLoop", "ELOOP")]
    [InlineData(62, Darwin, FailureClass.Invalid, "SymlinkLoop", "ELOOP")]
    [InlineData(27, Linux, FailureClass.Invalid, "FileTooLarge", "EFBIG")]
    [InlineData(2, Linux, FailureClass.Gone, "NotFound", "ENOENT")]
    [InlineData(18, Linux, FailureClass.Config, "CrossesDevices", "EXDEV")]
    [InlineData(17, Linux, FailureClass.Conflict, "AlreadyExists", "EEXIST")]
    [InlineData(20, Linux, FailureClass.Conflict, "NotAFolder", "ENOTDIR")]
    [InlineData(21, Linux, FailureClass.Conflict, "IsAFolder", "EISDIR")]
    [InlineData(107, Linux, FailureClass.Unavailable, "NotConnected", "ENOTCONN")]
    [InlineData(112, Linux, FailureClass.Unavailable, "Unreachable", "EHOSTDOWN")]
    [InlineData(110, Linux, FailureClass.Unavailable, "TimedOut", "ETIMEDOUT")]
    [InlineData(9, Linux, FailureClass.Bug, "BadHandle", "EBADF")]
    public void An_errno_becomes_a_class_and_a_code(int errno, bool darwin, FailureClass expected, string code, string name)
    {
        var failure = SystemFailure.FromErrno(errno, darwin, "write", "/mnt/nas/Song.m4a");

        Assert.Equal((expected, code), (failure.Class, failure.Code));
        Assert.StartsWith("Cannot write '/mnt/nas/Song.m4a': ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith($" ({name}).", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_part_of_a_path_that_is_a_file_is_named()
    {
        using var folder = new NasSync.Tests.Support.TempFolder();
        var file = folder.Write("album", "no folder");
        var failure = SystemFailure.FromErrno(20, Linux, "write", Path.Combine(file, "disc 1", "song.m4a"));
        Assert.Equal($"Cannot write '{file}/disc 1/song.m4a': '{file}' is a file and no folder (ENOTDIR).", failure.Message);
    }

    [Theory]
    [InlineData(2, FailureClass.Gone, "NotFound")]
    [InlineData(3, FailureClass.Gone, "NotFound")]
    [InlineData(5, FailureClass.Permission, "PermissionDenied")]
    [InlineData(19, FailureClass.Permission, "ReadOnlyFileSystem")]
    [InlineData(32, FailureClass.Transient, "FileInUse")]
    [InlineData(53, FailureClass.Unavailable, "Unreachable")]
    [InlineData(64, FailureClass.Transient, "ConnectionLost")]
    [InlineData(112, FailureClass.NoSpace, "NoSpace")]
    [InlineData(123, FailureClass.Invalid, "InvalidRequest")]
    [InlineData(206, FailureClass.Invalid, "NameTooLong")]
    [InlineData(1295, FailureClass.NoSpace, "QuotaExceeded")]
    [InlineData(1326, FailureClass.Auth, "LogonFailed")]
    public void A_Windows_error_becomes_a_class_and_a_code(int number, FailureClass expected, string code)
    {
        var direct = SystemFailure.FromWin32(number, "open", "x");
        var wrapped = SystemFailure.FromException(new IOException("as .NET says it", unchecked((int)0x80070000) | number), "open", "x");

        Assert.Equal((expected, code), (direct.Class, direct.Code));
        Assert.Equal(direct, wrapped);
    }

    [Theory]
    [InlineData(28, "ENOSPC", true)]
    [InlineData(13, "EACCES", false)]
    [InlineData(116, "ESTALE", true)]
    [InlineData(24, "EMFILE", true)]
    [InlineData(36, "ENAMETOOLONG", false)]
    [InlineData(26, "ETXTBSY", false)]
    [InlineData(40, "ELOOP", false)]
    public void Only_what_may_pass_is_transient(int errno, string name, bool transient)
    {
        Assert.Equal(name, SystemError.OfErrno(errno, darwin: false)?.Name);
        Assert.Equal(transient, SystemFailure.FromErrno(errno, darwin: false, "write", "x").IsTransient);
    }

    [Fact]
    public void Every_error_has_one_sentence_as_a_hint()
    {
        Assert.All(SystemError.All, error =>
        {
            Assert.EndsWith(".", error.Hint, StringComparison.Ordinal);
            Assert.False(error.What.EndsWith('.'), error.What);
            Assert.Matches("^[A-Z][A-Za-z]+$", error.Code);
            Assert.True(error.Linux != 0 || error.Darwin != 0, error.Name);
        });
    }

    [Fact]
    public void An_unknown_number_is_tried_again_and_shown()
    {
        var failure = SystemFailure.FromErrno(4000, darwin: false, "rename", "a");

        Assert.Equal((FailureClass.Transient, "SystemError"), (failure.Class, failure.Code));
        Assert.Contains("4000", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_passes_through_unchanged()
    {
        var failure = new Failure(FailureClass.Escape, "EscapesJob", "m", "h");

        Assert.Same(failure, SystemFailure.FromException(new FailureException(failure), "open", "x"));
        Assert.Same(failure, SystemFailure.FromException(new AggregateException(new FailureException(failure)), "open", "x"));
    }

    public static TheoryData<Exception, FailureClass, string> Exceptions => new()
    {
        { new UnauthorizedAccessException(), FailureClass.Permission, "PermissionDenied" },
        { new FileNotFoundException(), FailureClass.Gone, "NotFound" },
        { new DirectoryNotFoundException(), FailureClass.Gone, "NotFound" },
        { new PathTooLongException(), FailureClass.Invalid, "NameTooLong" },
        { new EndOfStreamException(), FailureClass.Transient, "Truncated" },
        { new IOException("no number"), FailureClass.Transient, "SystemError" },
        { new OperationCanceledException(), FailureClass.Transient, "Stopped" },
        { new TimeoutException(), FailureClass.Transient, "TimedOut" },
        { new InvalidOperationException("boom"), FailureClass.Bug, "Unexpected" },
    };

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public void An_exception_becomes_a_class_and_a_code(Exception exception, FailureClass expected, string code)
    {
        var failure = SystemFailure.FromException(exception, "read", "/in/a.m4a");

        Assert.Equal((expected, code), (failure.Class, failure.Code));
        Assert.Contains("'/in/a.m4a'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Real_errors_of_this_system_are_recognized()
    {
        using var folder = new TempFolder();
        var file = folder.Write("file", "x");

        Assert.Equal("NotFound", Provoke(() => File.ReadAllText(folder["missing"])).Code);
        Assert.Equal("AlreadyExists", Provoke(() => new FileStream(file, FileMode.CreateNew).Dispose()).Code);
        Assert.Equal("NameTooLong", Provoke(() => File.WriteAllText(folder[new string('n', 300)], "")).Code);
    }

    [RequiresFact("linux")]
    public void The_errno_inside_an_exception_decides()
    {
        Assert.Equal("NotPermitted", SystemFailure.FromException(new UnauthorizedAccessException("no", new IOException("no", 1)), "read", "x").Code);
        Assert.Equal("BadHandle", SystemFailure.FromException(new UnauthorizedAccessException("no", new IOException("no", 9)), "read", "x").Code);
        Assert.Equal("NoSpace", SystemFailure.FromException(new IOException("full", 28), "read", "x").Code);
        Assert.Equal("ReadOnlyFileSystem", SystemFailure.FromException(new Win32Exception(30), "read", "x").Code);
    }

    [RequiresFact("linux", "/dev/full")]
    public void A_full_device_is_recognized()
    {
        Assert.Equal("NoSpace", Provoke(() => File.WriteAllText("/dev/full", "x")).Code);
    }

    [Fact]
    public void A_name_cannot_break_the_line_or_command_the_terminal()
    {
        var failure = SystemFailure.FromErrno(28, darwin: false, "write", "a\n\u001b[2J\u202eb");

        Assert.Contains("'a\\u000a\\u001b[2J\\u202eb'", failure.Message, StringComparison.Ordinal);
    }

    private static Failure Provoke(Action action) => SystemFailure.FromException(Assert.ThrowsAny<Exception>(action), "use", "x");
}
