using System.Text;
using NasSync.Files;
using NasSync.Templates;

namespace NasSync.Destinations.Places;

/// <summary>
/// A small file in the root of a place by which it is told from the empty folder that stands there while it is not mounted, and from another
/// disk. Whoever moves the place to a new disk takes it along with everything else.
/// </summary>
internal static class PlaceMarker
{
    /// <summary>The file's name.</summary>
    public const string Name = ReservedName.Prefix + "destination";

    private const string Title = "NasSync destination ";

    private const string Purpose = """

        By this file NasSync knows this folder again. Where it is missing, the disk is taken for not mounted, and nothing is copied.

        """;

    /// <summary>The id that stands in a root; null when there is no marker, an empty text when it cannot be understood.</summary>
    public static string? Read(SafeRoot root)
    {
        try
        {
            using var file = root.OpenRead(RelativePath.Parse(Name), out _);
            Span<byte> start = stackalloc byte[128];
            var text = Encoding.UTF8.GetString(start[..RandomAccess.Read(file, start, 0)]);
            var line = text.Split('\n')[0].TrimEnd('\r');
            return line.StartsWith(Title, StringComparison.Ordinal) ? line[Title.Length..].Trim() : "";
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Marks a root that has no marker, or one that cannot be understood; another process may be faster, then its marker stands.</summary>
    /// <returns>The id that stands there now.</returns>
    public static string Write(SafeRoot root)
    {
        var id = Guid.NewGuid().ToString();
        var folder = root.OpenFolder(null, create: false);

        // Each try has an id of its own, so that none would come upon what another one left.
        foreach (var part in folder.PartNames().Where(part => AtomicFile.IsPartOf(part, Name)).ToList()) folder.Unlink(part);
        using var file = new AtomicFile(folder, Name, id);
        RandomAccess.Write(file.Handle, Encoding.UTF8.GetBytes($"{Title}{id}\n{Purpose.ReplaceLineEndings("\n")}"), 0);
        OpenFiles.Fsync(file.Handle);
        var illegible = Read(root) == "" ? folder.Stat(Name)?.State : null;
        return file.Commit(illegible) ? id : Read(root) ?? "";
    }
}
