using System.Runtime.InteropServices;

namespace NasSync.Tests.Support;

/// <summary>Swaps two files atomically, again and again, on a background thread until it is disposed.</summary>
internal sealed partial class Exchanger : IDisposable
{
    private const int CurrentFolder = -100;
    private const uint Exchange = 2;
    private readonly (string One, string Other) _names;
    private readonly Thread _thread;
    private volatile bool _stop;
    private long _times;

    /// <summary>Starts swapping two paths.</summary>
    public Exchanger(string one, string other)
    {
        _names = (one, other);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The number of swaps so far.</summary>
    public long Times => Interlocked.Read(ref _times);

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Run()
    {
        while (!_stop)
        {
            if (Renameat2(CurrentFolder, _names.One, CurrentFolder, _names.Other, Exchange) != 0) return;
            Interlocked.Increment(ref _times);
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Renameat2(int fromFolder, string from, int toFolder, string to, uint flags);
}
