using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>One thing that happened in a watched folder.</summary>
/// <param name="Watch">The watch's number; -1 where events were lost.</param>
/// <param name="Mask">What happened: <c>IN_…</c> of <see cref="Libc"/>.</param>
/// <param name="Name">The entry it happened to; empty where it happened to the folder itself.</param>
internal readonly record struct InotifyEvent(int Watch, uint Mask, string Name);

/// <summary>
/// Linux's queue of changes in folders, and a bell that wakes whoever waits for it. One thread opens, watches, waits and reads; any thread rings.
/// Nothing is kept here: what is not read yet waits in the kernel, which says so when it has to drop some.
/// </summary>
internal sealed class Inotify : IDisposable
{
    private const int HeaderBytes = 16;
    private readonly SafeFileHandle _bell = Libc.OpenBell();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(16 * 1024);
    private SafeFileHandle? _queue;

    /// <summary>Makes the queue unless it is there.</summary>
    /// <returns>0, or the errno: EMFILE when the user has too many of them, or the process too many open files.</returns>
    public int Open()
    {
        if (_queue is not null) return 0;
        _queue = Libc.OpenInotify(out var errno);
        return errno;
    }

    /// <summary>Closes the queue with all its watches and what was not read.</summary>
    public void Close()
    {
        _queue?.Dispose();
        _queue = null;
    }

    /// <summary>Watches a folder; the queue must be open.</summary>
    /// <returns>The watch's number, never that of an earlier one; -1 with the errno: ENOSPC when the user has too many.</returns>
    public int Watch(string fullPath, uint mask, out int errno) => Libc.AddWatch(_queue!, fullPath, mask, out errno);

    /// <summary>Ends a watch. Its events that wait in the queue still come.</summary>
    public void Unwatch(int watch)
    {
        if (_queue is not null) Libc.RemoveWatch(_queue, watch);
    }

    /// <summary>Waits until there is something to read or the bell is rung, at once when it was rung before.</summary>
    public void WaitForAny() => Libc.WaitForEither(_bell, _queue);

    /// <summary>Rings the bell; after the end it does nothing.</summary>
    public void Wake()
    {
        try
        {
            Libc.Ring(_bell);
        }
        catch (ObjectDisposedException)
        {
            // A timer may fire while its owner ends.
        }
    }

    /// <summary>Takes some of what happened, without waiting.</summary>
    public void Read(List<InotifyEvent> into)
    {
        if (_queue is null) return;
        var rest = _buffer.AsSpan(0, Libc.ReadNow(_queue, _buffer));
        while (rest.Length >= HeaderBytes)
        {
            // struct inotify_event: wd, mask, cookie, len, and a name with NULs behind it; in the machine's order of bytes.
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
