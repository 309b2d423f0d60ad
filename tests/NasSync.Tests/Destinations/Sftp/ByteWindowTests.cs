using NasSync.Destinations.Sftp;

namespace NasSync.Tests.Destinations.Sftp;

public sealed class ByteWindowTests
{
    [Fact]
    public void As_much_is_let_through_as_the_server_takes()
    {
        var window = new ByteWindow(100);
        window.Resize(300);
        Assert.True(window.TakeAsync(200, default).IsCompleted);
        Assert.True(window.TakeAsync(100, default).IsCompleted);
        var waits = window.TakeAsync(1, default);
        Assert.False(waits.IsCompleted);
        window.Return(100);
        Assert.True(waits.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_is_larger_than_the_window_takes_all_of_it()
    {
        var window = new ByteWindow(100);
        Assert.True(window.TakeAsync(1000, default).IsCompleted);
        Assert.False(window.TakeAsync(1, default).IsCompleted);
        window.Return(1000);
        Assert.True(window.TakeAsync(99, default).IsCompleted);
    }
}
