using System.Globalization;
using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>Resolves the owner and group of a configuration to this machine's numbers.</summary>
internal static class LocalRights
{
    /// <summary>Mode and owner of new files and folders; null when the configuration sets none.</summary>
    /// <exception cref="FailureException">This machine has no such user or group, or is not Linux (class Config).</exception>
    public static Rights? Of(string? fileMode, string? folderMode, string? owner, string? group)
    {
        if (fileMode is null && folderMode is null && owner is null && group is null) return null;
        if (!OperatingSystem.IsLinux()) throw NotHere();
        return Rights.Of(fileMode, folderMode, Number(owner, isGroup: false), Number(group, isGroup: true));
    }

    private static uint? Number(string? name, bool isGroup)
    {
        if (name is null) return null;
        return uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Libc.IdOf(name, isGroup) ?? throw Unknown(name, isGroup);
    }

    private static FailureException Unknown(string name, bool isGroup) => new(new Failure(
        FailureClass.Config,
        "AccountUnknown",
        $"This machine knows no {(isGroup ? "group" : "user")} {Failure.Quote(name)}, which {(isGroup ? "group" : "owner")} "
            + "of a destination names; nothing was copied there.",
        $"Correct the name (getent {(isGroup ? "group" : "passwd")}), or write its number."));

    private static FailureException NotHere() => new(new Failure(
        FailureClass.Config,
        "RightsNotSupported",
        "fileMode, dirMode, owner and group of folders are set on Linux only; nothing was copied there.",
        "Take them out; on Windows new files have the rights of their folder."));
}
