using Microsoft.Win32.SafeHandles;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// Proves that an open source still has the content with which it was first seen. A program can restore size and modification time after a change;
/// then only the inode's change time (ctime) differs. A new mode or a new link changes the ctime too, so in that case the hash decides.
/// Thread-safe.
/// </summary>
/// <param name="file">The open source.</param>
/// <param name="first">Its state before any byte was read.</param>
internal sealed class SourceProof(SafeFileHandle file, FileState first)
{
    private readonly object _gate = new();

    /// <summary>The latest state in which the source was proven to have the content; this goes into the ledger.</summary>
    public FileState State { get; private set; } = first;

    /// <summary>The current state of the file, for messages about a change.</summary>
    public FileState Now => OpenFiles.Stat(file).State;

    /// <summary>Whether the file is unchanged: its state is the same, or only its ctime differs and it still has the hash.</summary>
    /// <param name="sha256">The hash; null when it is unknown, so that any new ctime counts as a change.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public bool Holds(string? sha256, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = Now;
            if (now != State) return false;
            if (!now.IsTouchedSince(State)) return true;
            if (sha256 is null || FileHash.Of(file, cancellationToken) != sha256) return false;
            var after = Now;
            if (after != now || after.IsTouchedSince(now)) return false;
            State = now;
            return true;
        }
    }
}
