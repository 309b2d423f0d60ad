using NasSync.Files;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// Sets mode, owner and group of a file or folder on the server: the configured ones, otherwise those of the replaced file. The protocol has these
/// three as numbers; it has no access lists or extended attributes.
/// </summary>
/// <param name="rights">The configured rights; null: none.</param>
internal sealed class SftpRights(Rights? rights)
{
    private const int ModeBits = 0x1FF;

    /// <summary>Sets the rights of an unfinished file.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="handle">The file.</param>
    /// <param name="target">Its final name.</param>
    /// <param name="replaces">Whether it replaces a file.</param>
    /// <param name="shown">The target, for people.</param>
    /// <returns>What could not be kept of the replaced file, for people; null when nothing is lost.</returns>
    /// <exception cref="FailureException">The server refuses the configured rights (class Permission).</exception>
    public async Task<string?> GiveToFileAsync(SftpSession session, byte[] handle, string target, bool replaces, string shown)
    {
        if (!replaces && rights is not { ConcernsFiles: true }) return null;
        var before = replaces && await session.LStatAsync(target).ConfigureAwait(false) is { IsFile: true } found ? found : default;
        var own = await session.FStatAsync(handle).ConfigureAwait(false);
        var lost = new List<string>();
        await GiveOwnerAsync(own, before, (owner, group) => session.SetOwnerAsync(handle, owner, group), shown, lost).ConfigureAwait(false);
        await GiveModeAsync(
            own,
            before.Mode & ModeBits,
            rights?.FileMode,
            mode => session.SetModeAsync(handle, mode),
            shown,
            lost).ConfigureAwait(false);
        if (rights?.FileMode is { } wanted && (await session.FStatAsync(handle).ConfigureAwait(false)).Mode is { } mode && mode != wanted)
            throw Refused(shown, $"the mode {Rights.Text(wanted)}", $"it is {Rights.Text(mode)}");
        return lost.Count == 0 ? null : string.Join(", ", lost);
    }

    /// <summary>
    /// Sets the rights of a new folder. When the server refuses, removes the folder again, because the next run would take it as it is.
    /// </summary>
    /// <exception cref="FailureException">The server refuses the configured rights (class Permission).</exception>
    public async Task GiveToFolderAsync(SftpSession session, string folder)
    {
        if (rights is not { ConcernsFolders: true } || await session.StatAsync(folder).ConfigureAwait(false) is not { } own) return;
        try
        {
            await GiveOwnerAsync(own, default, (owner, group) => session.SetOwnerAsync(folder, owner, group), folder, []).ConfigureAwait(false);
            await GiveModeAsync(own, null, rights.FolderMode, mode => session.SetModeAsync(folder, mode), folder, []).ConfigureAwait(false);
        }
        catch (FailureException)
        {
            await session.RmDirAsync(folder).ConfigureAwait(false);
            throw;
        }
    }

    private async Task GiveOwnerAsync(SftpAttributes own, SftpAttributes before, Func<uint, uint, Task> give, string shown, List<string> lost)
    {
        var (owner, group) = (rights?.Owner ?? before.Owner ?? own.Owner, rights?.Group ?? before.Group ?? own.Group);
        if ((owner, group) == (own.Owner, own.Group)) return;
        try
        {
            // A server that reports no owners accepts none.
            if (owner is not { } newOwner || group is not { } newGroup) throw new SftpStatusException(SftpStatus.Unsupported, "");
            await give(newOwner, newGroup).ConfigureAwait(false);
        }
        catch (SftpStatusException e)
        {
            if (rights?.Owner is not null || (rights?.Group is not null && !await OnlyGroupAsync(own, group, give).ConfigureAwait(false)))
                throw Refused(shown, $"the owner {owner} and the group {group}", Why(e));
            if (owner != own.Owner) lost.Add($"the owner {owner}");
            if (group != own.Group && rights?.Group is null && !await OnlyGroupAsync(own, group, give).ConfigureAwait(false))
                lost.Add($"the group {group}");
        }
    }

    // The account may be allowed to change the group where it may not change the owner.
    private static async Task<bool> OnlyGroupAsync(SftpAttributes own, uint? group, Func<uint, uint, Task> give)
    {
        if (own.Owner is not { } owner || group is not { } newGroup) return false;
        try
        {
            await give(owner, newGroup).ConfigureAwait(false);
            return true;
        }
        catch (SftpStatusException)
        {
            return false;
        }
    }

    private static async Task GiveModeAsync(SftpAttributes own, int? kept, int? wanted, Func<int, Task> give, string shown, List<string> lost)
    {
        if ((wanted ?? kept) is not { } mode || (mode == own.Mode && wanted is null)) return;
        try
        {
            await give(mode).ConfigureAwait(false);
        }
        catch (SftpStatusException e)
        {
            if (wanted is not null) throw Refused(shown, $"the mode {Rights.Text(mode)}", Why(e));
            lost.Add($"the mode {Rights.Text(mode)}");
        }
    }

    private static string Why(SftpStatusException error) => error.Status switch
    {
        SftpStatus.PermissionDenied => "the server does not permit it",
        SftpStatus.Unsupported => "the server knows no such request",
        _ => "the server refuses it",
    };

    private static FailureException Refused(string shown, string what, string why) => new(new Failure(
        FailureClass.Permission,
        "RightsRefused",
        $"{shown} cannot be given {what}: {why}; nothing was copied there.",
        "Only root may give an owner there, and others only a group that they are in. Log in as such a user, or "
            + "take fileMode, dirMode, owner or group out."));
}
