using System.Text;

namespace NasSync.Processes;

/// <summary>The error output of a child: its beginning, which usually names the cause, and its end, which usually names the result.</summary>
internal sealed class ErrorTail(int capacity)
{
    private readonly object _gate = new();
    private readonly byte[] _head = new byte[capacity / 2];
    private readonly byte[] _tail = new byte[capacity - (capacity / 2)];
    private int _headBytes;
    private long _tailBytes;

    /// <summary>Adds output.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var first = Math.Min(bytes.Length, _head.Length - _headBytes);
            bytes[..first].CopyTo(_head.AsSpan(_headBytes));
            _headBytes += first;
            foreach (var b in bytes[first..]) _tail[_tailBytes++ % _tail.Length] = b;
        }
    }

    /// <summary>The kept output, with <c>[…]</c> where something was dropped. Invalid UTF-8 is replaced.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            var text = Encoding.UTF8.GetString(_head, 0, _headBytes);
            if (_tailBytes <= _tail.Length) return text + Encoding.UTF8.GetString(_tail, 0, (int)_tailBytes);
            var start = (int)(_tailBytes % _tail.Length);
            return text + "\n[…]\n" + Encoding.UTF8.GetString([.. _tail[start..], .. _tail[..start]]);
        }
    }
}
