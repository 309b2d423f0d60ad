using System.Text;
using NasSync.Files;
using NasSync.Templates;

namespace NasSync.Destinations.Places;

/// <summary>
/// A small file in the root of a place. It tells the place from another disk, and from the empty folder that remains while the place is not mounted.
/// Moving the place's content to a new disk moves the marker too.
/// </summary>
internal static class PlaceMarker
{
    /// <summary>The file's name.</summary>
    public const string Name = ReservedName.Prefix + "destination";

    private const string Title = "NasSync destination ";

    private const string Purpose = """

        By this file NasSync knows this folder again. Where it is missing, the disk is taken for not mounted, and nothing is copied.

        """;

    /// <summary>The id in a root's marker; null when there is no marker, empty when it is illegible.</summary>
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

    /// <summary>Marks a root whose marker is missing or illegible; when another process is faster, its marker stays.</summary>
    /// <returns>The id in the marker now.</returns>
    public static string Write(SafeRoot root)
    {
        var id = Guid.NewGuid().ToString();
        var folder = root.OpenFolder(null, create: false);

        // Each attempt has a new id and therefore a new part name, so no attempt would find the part file of an earlier one.
        foreach (var part in folder.PartNames().Where(part => AtomicFile.IsPartOf(part, Name)).ToList()) folder.Unlink(part);
        using var file = new AtomicFile(folder, Name, id);
        RandomAccess.Write(file.Handle, Encoding.UTF8.GetBytes($"{Title}{id}\n{Purpose.ReplaceLineEndings("\n")}"), 0);
        OpenFiles.Fsync(file.Handle);
        var illegible = Read(root) == "" ? folder.Stat(Name)?.State : null;
        return file.Commit(illegible) ? id : Read(root) ?? "";
    }
}
