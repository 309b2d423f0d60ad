using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NasSync.Processes;
using NasSync.Templates;

namespace NasSync.Files;

/// <summary>
/// Writes a file that appears under its final name completely or not at all: part file in the same folder → write → fsync → rename → fsync of the
/// folder. Disposing before <see cref="Commit"/> has succeeded removes the part file and leaves the final name untouched.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    /// <summary>The suffix of unfinished files.</summary>
    public const string PartSuffix = ReservedName.PartSuffix;

    private const int PartNameBytes = 100;
    private const int CrcDigits = 8;
    private static readonly int PartTail = 1 + (2 * CrcDigits) + PartSuffix.Length;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly SafeFolder _folder;
    private readonly string _name;
    private readonly string _part;
    private bool _committed;

    /// <param name="folder">The folder; disposed together with this object.</param>
    /// <param name="name">The final name.</param>
    /// <param name="fingerprint">Identifies the content: the same content always gets the same part name, other content another one.</param>
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

    /// <summary>Mode, owner and attributes of the file at the final name; null when there is no file, or the platform does not report them.</summary>
    public FileTraits? TraitsAtName() => _folder.TraitsOf(_name);

    /// <summary>Gives the file its final name, durably. The caller must have fsynced the content.</summary>
    /// <param name="replaces">The file that may be replaced; null when the final name must be free.</param>
    /// <param name="share">Receives the folder's fsync and runs it, perhaps once for several files; null runs it immediately.</param>
    /// <returns>False when another file has the final name; nothing was changed in that case.</returns>
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
            // The folder is gone or read-only. Report the error that led here instead.
        }

        _folder.Dispose();
    }

    /// <summary>
    /// A hidden name beside the final one, stable for the same content and never longer than the 255 bytes that file systems allow:
    /// <c>.name.NUMBERCHECK.nassync-part</c>. The check digits are derived from the number, so that <see cref="IsPart"/> recognizes the name as one
    /// made here.
    /// </summary>
    internal static string PartName(string name, string fingerprint)
    {
        var number = Crc(name + "\0" + fingerprint);
        return string.Create(CultureInfo.InvariantCulture, $".{Shown(name)}.{number:x8}{CheckOf(number):x8}{PartSuffix}");
    }

    /// <summary>Whether <see cref="PartName"/> made a name: the check digits then match the number.</summary>
    internal static bool IsPart(string name)
    {
        if (name.Length < PartTail + 2 || name[0] != '.' || name[^PartTail] != '.') return false;
        if (!name.EndsWith(PartSuffix, StringComparison.Ordinal)) return false;
        var digits = name.AsSpan(name.Length - PartTail + 1, 2 * CrcDigits);
        return !digits.ContainsAnyExcept(HexDigits) && CheckOf(Number(digits[..CrcDigits])) == Number(digits[CrcDigits..]);

        static uint Number(ReadOnlySpan<char> digits) => uint.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Whether a part file belongs to a final name, whatever its content. False for a long name, which the part file holds only partly.
    /// </summary>
    internal static bool IsPartOf(string part, string name) => IsPart(part) && NameOf(part) == name && Shown(name).Length == name.Length;

    /// <summary>
    /// The final name that a part file belongs to, or the beginning of a name that was cut to fit. Empty when the name is no part name.
    /// </summary>
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
