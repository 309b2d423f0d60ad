using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NasSync.Processes;
using NasSync.Templates;

namespace NasSync.Files;

/// <summary>
/// A file that appears under its final name whole or not at all: part file in the same folder → write → fsync → rename → fsync of the
/// folder. Until <see cref="Commit"/> returned, disposing removes the part and leaves the final name as it was.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    /// <summary>What the names of unfinished files end with.</summary>
    public const string PartSuffix = ReservedName.PartSuffix;

    private const int PartNameBytes = 100;
    private const int CrcDigits = 8;
    private static readonly int PartTail = 1 + (2 * CrcDigits) + PartSuffix.Length;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
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

    /// <summary>What the file that stands at the final name has besides its content; null when there is none, or the system does not tell.</summary>
    public FileTraits? TraitsAtName() => _folder.TraitsOf(_name);

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

    /// <summary>
    /// A hidden name beside the final one, stable for the same content, never longer than the file systems' 255 bytes:
    /// <c>.name.NUMBERCHECK.nassync-part</c>. The second half of the digits is made from the first, by which the name is known as one made here.
    /// </summary>
    internal static string PartName(string name, string fingerprint)
    {
        var number = Crc(name + "\0" + fingerprint);
        return string.Create(CultureInfo.InvariantCulture, $".{Shown(name)}.{number:x8}{CheckOf(number):x8}{PartSuffix}");
    }

    /// <summary>Whether a name was made by <see cref="PartName"/>: its digits fit each other, as those of no other file do.</summary>
    internal static bool IsPart(string name)
    {
        if (name.Length < PartTail + 2 || name[0] != '.' || name[^PartTail] != '.') return false;
        if (!name.EndsWith(PartSuffix, StringComparison.Ordinal)) return false;
        var digits = name.AsSpan(name.Length - PartTail + 1, 2 * CrcDigits);
        return !digits.ContainsAnyExcept(HexDigits) && CheckOf(Number(digits[..CrcDigits])) == Number(digits[CrcDigits..]);

        static uint Number(ReadOnlySpan<char> digits) => uint.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a part is of a final name, whatever its content. Of a long name the part does not tell; then it is false.</summary>
    internal static bool IsPartOf(string part, string name) => IsPart(part) && NameOf(part) == name && Shown(name).Length == name.Length;

    /// <summary>The final name that a part is of; of one that was cut to fit, only its beginning. Empty for what is no part.</summary>
    internal static string NameOf(string part) => IsPart(part) ? part[1..^PartTail] : "";

    private static uint CheckOf(uint number) => Crc(string.Create(CultureInfo.InvariantCulture, $"part {number:x8} of NasSync"));

    private static uint Crc(string text)
    {
        var crc = uint.MaxValue;
        foreach (var b in Encoding.UTF8.GetBytes(text)) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

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
