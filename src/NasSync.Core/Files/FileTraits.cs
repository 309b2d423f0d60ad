using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Mode, owner, group and extended attributes of a file, as far as they can be copied to another file.</summary>
/// <param name="Mode">The nine permission bits; set-user-id and similar bits are never copied to other content.</param>
/// <param name="Owner">The owner's numeric id.</param>
/// <param name="Group">The group's numeric id.</param>
/// <param name="Attributes">The access control list and the <c>user.*</c> extended attributes; security attributes are left to the system.</param>
internal sealed record FileTraits(int Mode, uint Owner, uint Group, IReadOnlyList<(string Name, byte[] Value)> Attributes)
{
    /// <summary>Mode 0600: access for the owner only, while a file whose final rights are still to be set is being written.</summary>
    public const int Private = 0x180;

    private const int ModeBits = 0x1FF;
    private const string AccessList = "system.posix_acl_access";
    private static readonly string[] AccessLists = [AccessList, "system.nfs4_acl"];

    /// <summary>Reads the traits of an open file.</summary>
    public static FileTraits Of(SafeFileHandle file)
    {
        var (mode, owner, group) = Libc.RightsOf(file);
        var attributes = new List<(string, byte[])>();
        foreach (var name in Libc.AttributeNames(file))
            if ((name.StartsWith("user.", StringComparison.Ordinal) || AccessLists.Contains(name)) && Libc.Attribute(file, name) is { } value)
                attributes.Add((name, value));
        return new FileTraits(mode & ModeBits, owner, group, attributes);
    }

    /// <summary>Applies the traits to a file, as far as possible.</summary>
    /// <param name="file">The file, which may be private (mode 0600) until then.</param>
    /// <param name="atFirst">The mode to fall back to when <see cref="Mode"/> cannot be set.</param>
    /// <returns>What could not be applied, as text for people; empty when everything was.</returns>
    public IReadOnlyList<string> GiveTo(SafeFileHandle file, int atFirst)
    {
        var lost = new List<string>();
        var (_, owner, group) = Libc.RightsOf(file);

        // An unprivileged process may still be allowed to set the group. Owner and group come before the mode, because changing them clears mode
        // bits.
        if ((owner, group) != (Owner, Group) && Libc.TrySetOwner(file, Owner, Group) is not null)
        {
            if (owner != Owner) lost.Add($"the owner {Owner}");
            if (group != Group && Libc.TrySetOwner(file, null, Group) is not null) lost.Add($"the group {Group}");
        }

        // Remove the list inherited from the folder's default ACL when the previous file had none.
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
