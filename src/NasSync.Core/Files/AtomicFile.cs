using System.Globalization;
using System.Numerics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NasSync.Processes;

namespace NasSync.Files;

/// <summary>
/// A file that appears under its final name whole or not at all: part file in the same folder → write → fsync → rename → fsync of the
/// folder. Until <see cref="Commit"/> returned, disposing removes the part and leaves the final name as it was.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    /// <summary>What the names of unfinished files end with.</summary>
    public const string PartSuffix = ".nassync-part";

    private const int PartNameBytes = 100;
    private readonly SafeFolder _folder;
    private readonly string _name;
    private readonly string _part;
    private bool _committed;

    /// <param name="folder">The folder; it is disposed with this object.</param>
    /// <param name="name">The final name.</param>
    /// <param name="fingerprint">Of what is written: the same content has the same part name, another content another one.</param>
    public AtomicFile(SafeFolder folder, string name, string fingerprint)
    {
        _folder = folder;
        _name = name;
        _part = PartName(name, fingerprint);
        Handle = folder.CreateNew(_part);
        CrashPoint.Reach(CrashPoint.LocalPartCreated);
    }

    /// <summary>The part file, open for reading and writing.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Gives the file its final name, durably. The content must be fsynced by then.</summary>
    /// <param name="replaces">What stands there and may be replaced; null: nothing may stand there.</param>
    /// <param name="share">Given the flush of the folder, makes it happen, perhaps once for several files; null: it is done at once.</param>
    /// <returns>False when something else stands there; nothing was changed then.</returns>
    public bool Commit(FileState? replaces, Action<Action>? share = null)
    {
        CrashPoint.Reach(CrashPoint.LocalRenaming);
        if (replaces is { } expected && _folder.Stat(_name) is { } found)
        {
            if (found.Kind != FileKind.Regular || found.State != expected) return false;
            _committed = _folder.Rename(_part, _name, replace: true);
        }
        else
        {
            _committed = _folder.Rename(_part, _name, replace: false);
        }

        if (!_committed) return false;
        CrashPoint.Reach(CrashPoint.LocalRenamed);
        if (share is null) _folder.Fsync();
        else share(_folder.Fsync);
        CrashPoint.Reach(CrashPoint.LocalFolderFsynced);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Handle.Dispose();
        try
        {
            if (!_committed) _folder.Unlink(_part);
        }
        catch (IOException)
        {
            // The folder itself is gone or read-only: the error that led here is the one worth telling.
        }

        _folder.Dispose();
    }

    /// <summary>A hidden name beside the final one, stable for the same content, never longer than the file systems' 255 bytes.</summary>
    internal static string PartName(string name, string fingerprint)
    {
        var crc = uint.MaxValue;
        foreach (var b in Encoding.UTF8.GetBytes(name + "\0" + fingerprint)) crc = BitOperations.Crc32C(crc, b);
        var shown = Shown(name);
        return string.Create(CultureInfo.InvariantCulture, $".{shown}.{~crc:x8}{PartSuffix}");
    }

    /// <summary>Whether a part is of a final name, whatever its content. Of a long name the part does not tell; then it is false.</summary>
    internal static bool IsPartOf(string part, string name) =>
        part.Length == name.Length + PartSuffix.Length + 10
        && part.StartsWith($".{name}.", StringComparison.Ordinal)
        && part.EndsWith(PartSuffix, StringComparison.Ordinal)
        && Shown(name).Length == name.Length;

    /// <summary>The final name that a part is of; of one that was cut to fit, only its beginning. Empty for what is no part.</summary>
    internal static string NameOf(string part) =>
        part.Length > PartSuffix.Length + 10 && part[0] == '.' && part.EndsWith(PartSuffix, StringComparison.Ordinal) ? part[1..^(PartSuffix.Length + 9)] : "";

    private static string Shown(string name)
    {
        var shown = new StringBuilder();
        var bytes = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > PartNameBytes) break;
            shown.Append(rune);
        }

        return shown.ToString();
    }
}
