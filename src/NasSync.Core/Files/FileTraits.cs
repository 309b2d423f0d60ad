using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>What a file has besides its content and its times, as far as another file can be given it.</summary>
/// <param name="Mode">The nine bits of owner, group and others; set-user-id and the like are never handed on to other content.</param>
/// <param name="Owner">The owner's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="Attributes">The access list and the extended attributes of users; those of the system's security are its own matter.</param>
internal sealed record FileTraits(int Mode, uint Owner, uint Group, IReadOnlyList<(string Name, byte[] Value)> Attributes)
{
    /// <summary>Only the owner: what a file has while it is being made, when it is to have rights of its own in the end.</summary>
    public const int Private = 0x180;

    private const int ModeBits = 0x1FF;
    private const string AccessList = "system.posix_acl_access";
    private static readonly string[] AccessLists = [AccessList, "system.nfs4_acl"];

    /// <summary>Those of an open file.</summary>
    public static FileTraits Of(SafeFileHandle file)
    {
        var (mode, owner, group) = Libc.RightsOf(file);
        var attributes = new List<(string, byte[])>();
        foreach (var name in Libc.AttributeNames(file))
            if ((name.StartsWith("user.", StringComparison.Ordinal) || AccessLists.Contains(name)) && Libc.Attribute(file, name) is { } value)
                attributes.Add((name, value));
        return new FileTraits(mode & ModeBits, owner, group, attributes);
    }

    /// <summary>Gives them to a file, as far as that can be.</summary>
    /// <param name="file">The file, which may be private meanwhile.</param>
    /// <param name="atFirst">The mode it was made with, for where this one cannot be set.</param>
    /// <returns>What could not be given, for people; empty when all was.</returns>
    public IReadOnlyList<string> GiveTo(SafeFileHandle file, int atFirst)
    {
        var lost = new List<string>();
        var (_, owner, group) = Libc.RightsOf(file);

        // The group may be ours to give where the owner is not. Both come before the mode, which they change.
        if ((owner, group) != (Owner, Group) && Libc.TrySetOwner(file, Owner, Group) is not null)
        {
            if (owner != Owner) lost.Add($"the owner {Owner}");
            if (group != Group && Libc.TrySetOwner(file, null, Group) is not null) lost.Add($"the group {Group}");
        }

        // A folder's default list is not what the file before had.
        if (!Attributes.Any(attribute => attribute.Name == AccessList)) Libc.TryRemoveAttribute(file, AccessList);
        foreach (var (name, value) in Attributes.Where(attribute => AccessLists.Contains(attribute.Name)))
            if (Libc.TrySetAttribute(file, name, value) is not null) lost.Add("the access list");
        if (Libc.TrySetMode(file, Mode) is not null)
        {
            lost.Add($"the mode {Rights.Text(Mode)}");
            Libc.TrySetMode(file, atFirst);
        }

        foreach (var (name, value) in Attributes.Where(attribute => !AccessLists.Contains(attribute.Name)))
            if (Libc.TrySetAttribute(file, name, value) is not null) lost.Add($"the attribute {name}");
        return lost;
    }
}
