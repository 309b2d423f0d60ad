using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// Mode and ownership that a configuration requires of new files and folders; null leaves a value to the process and the parent folder.
/// </summary>
/// <param name="FileMode">The mode of files.</param>
/// <param name="FolderMode">The mode of folders.</param>
/// <param name="Owner">The owner's numeric id.</param>
/// <param name="Group">The group's numeric id.</param>
internal sealed record Rights(int? FileMode, int? FolderMode, uint? Owner, uint? Group)
{
    private const int AllBits = 0xFFF;

    /// <summary>Whether any value applies to files.</summary>
    public bool ConcernsFiles => FileMode is not null || Owner is not null || Group is not null;

    /// <summary>Whether any value applies to folders.</summary>
    public bool ConcernsFolders => FolderMode is not null || Owner is not null || Group is not null;

    /// <summary>Builds the rights from a configuration; null when it sets none of the values.</summary>
    /// <param name="fileMode">The mode of files, in octal digits.</param>
    /// <param name="folderMode">The mode of folders, in octal digits.</param>
    /// <param name="owner">The owner's numeric id.</param>
    /// <param name="group">The group's numeric id.</param>
    public static Rights? Of(string? fileMode, string? folderMode, uint? owner, uint? group) =>
        fileMode is null && folderMode is null && owner is null && group is null
            ? null
            : new Rights(Octal(fileMode), Octal(folderMode), owner, group);

    /// <summary>A mode as four octal digits.</summary>
    public static string Text(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    /// <summary>Applies the rights to a file.</summary>
    /// <exception cref="FailureException">The system or the file system refused them (class Permission).</exception>
    public void GiveToFile(SafeFileHandle file, string shown) => GiveTo(file, FileMode, shown);

    /// <summary>Applies the rights to a new folder.</summary>
    /// <exception cref="FailureException">The system or the file system refused them (class Permission).</exception>
    public void GiveToFolder(SafeFileHandle folder, string shown) => GiveTo(folder, FolderMode, shown);

    private static int? Octal(string? digits) => digits is null ? null : Convert.ToInt32(digits, 8);

    private void GiveTo(SafeFileHandle file, int? mode, string shown)
    {
        var (before, owner, group) = Libc.RightsOf(file);
        if ((Owner ?? owner, Group ?? group) != (owner, group) && Libc.TrySetOwner(file, Owner, Group) is { } errno)
            throw Refused(shown, Words(owner, group), errno);

        // chown may clear mode bits, so read the mode again.
        if ((mode ?? before) is var wanted && Libc.RightsOf(file).Mode == wanted) return;
        if (mode is null) return;
        if (Libc.TrySetMode(file, wanted) is { } why) throw Refused(shown, $"the mode {Text(wanted)}", why);
        if ((Libc.RightsOf(file).Mode & AllBits) is var found && found != wanted) throw NotTaken(shown, wanted, found);
    }

    private string Words(uint owner, uint group)
    {
        var words = new List<string>();
        if (Owner is { } newOwner && newOwner != owner) words.Add($"the owner {newOwner}");
        if (Group is { } newGroup && newGroup != group) words.Add($"the group {newGroup}");
        return string.Join(" and ", words);
    }

    private static FailureException Refused(string shown, string what, int errno) => new(new Failure(
        FailureClass.Permission,
        "RightsRefused",
        $"{shown} cannot be given {what}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno)}; nothing was copied there.",
        "Only root may give an owner, and others only a group that they are in; an NFS server may refuse root too (root_squash). Else "
            + "take fileMode, dirMode, owner or group out."));

    private static FailureException NotTaken(string shown, int wanted, int found) => new(new Failure(
        FailureClass.Permission,
        "RightsRefused",
        $"{shown} did not take the mode {Text(wanted)}, its file system left it at {Text(found)}; nothing was copied there.",
        "FAT, exFAT and many SMB shares have the mode of their mount (umask=, file_mode=, dir_mode=): set it "
            + "there, and take fileMode and dirMode out."));
}
