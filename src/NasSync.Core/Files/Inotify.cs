using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>One event in a watched folder.</summary>
/// <param name="Watch">The watch's number; -1 when the kernel dropped events.</param>
/// <param name="Mask">What happened: <c>IN_…</c> of <see cref="Libc"/>.</param>
/// <param name="Name">The affected entry; empty when the event concerns the folder itself.</param>
internal readonly record struct InotifyEvent(int Watch, uint Mask, string Name);

/// <summary>
/// An inotify queue and an eventfd (the bell) that wakes the waiting thread. One thread opens, watches, waits and reads; any thread may ring. Unread
/// events stay in the kernel, which reports when it drops some.
/// </summary>
internal sealed class Inotify : IDisposable
{
    private const int HeaderBytes = 16;
    private readonly SafeFileHandle _bell = Libc.OpenBell();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(16 * 1024);
    private SafeFileHandle? _queue;

    /// <summary>Creates the queue unless it exists.</summary>
    /// <returns>0, or the errno: EMFILE when the user has too many queues or the process too many open files.</returns>
    public int Open()
    {
        if (_queue is not null) return 0;
        _queue = Libc.OpenInotify(out var errno);
        return errno;
    }

    /// <summary>Closes the queue; its watches and unread events are lost.</summary>
    public void Close()
    {
        _queue?.Dispose();
        _queue = null;
    }

    /// <summary>Watches a folder; the queue must be open.</summary>
    /// <returns>The watch's number, which is never reused; -1 with the errno: ENOSPC when the user has too many watches.</returns>
    public int Watch(string fullPath, uint mask, out int errno) => Libc.AddWatch(_queue!, fullPath, mask, out errno);

    /// <summary>Ends a watch. Its queued events are still delivered.</summary>
    public void Unwatch(int watch)
    {
        if (_queue is not null) Libc.RemoveWatch(_queue, watch);
    }

    /// <summary>Waits until there is something to read or the bell is rung; returns at once when it was rung before.</summary>
    public void WaitForAny() => Libc.WaitForEither(_bell, _queue);

    /// <summary>Rings the bell; does nothing after <see cref="Dispose"/>.</summary>
    public void Wake()
    {
        try
        {
            Libc.Ring(_bell);
        }
        catch (ObjectDisposedException)
        {
            // A timer may fire while its owner is being disposed.
        }
    }

    /// <summary>Reads queued events, as many as fit the buffer, without waiting.</summary>
    public void Read(List<InotifyEvent> into)
    {
        if (_queue is null) return;
        var rest = _buffer.AsSpan(0, Libc.ReadNow(_queue, _buffer));
        while (rest.Length >= HeaderBytes)
        {
            // struct inotify_event in host byte order: wd, mask, cookie, len, and a NUL-padded name.
            var watch = BitConverter.ToInt32(rest);
            var mask = BitConverter.ToUInt32(rest[4..]);
            var length = BitConverter.ToInt32(rest[12..]);
            var name = rest.Slice(HeaderBytes, length);
            var end = name.IndexOf((byte)0);
            into.Add(new InotifyEvent(watch, mask, Encoding.UTF8.GetString(end < 0 ? name : name[..end])));
            rest = rest[(HeaderBytes + length)..];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _bell.Dispose();
    }
}
