using Microsoft.Win32.SafeHandles;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// Holds an open source to what it was when it was first looked at. Size and time can be set back after a change, and then only the inode's change
/// time is another; that also comes from a new mode or a new link, so that the hash decides. Safe to call from several threads.
/// </summary>
/// <param name="file">The open source.</param>
/// <param name="first">What it was before anything was read of it.</param>
internal sealed class SourceProof(SafeFileHandle file, FileState first)
{
    private readonly object _gate = new();

    /// <summary>The source as it was last seen with the content that is meant; what the ledger is told of it.</summary>
    public FileState State { get; private set; } = first;

    /// <summary>What the file is now, of which people are told where it is another.</summary>
    public FileState Now => OpenFiles.Stat(file).State;

    /// <summary>Whether the file is as it was, or was touched and still has a hash.</summary>
    /// <param name="sha256">The hash; null: whoever read it knows none, so that any touch counts as a change.</param>
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
