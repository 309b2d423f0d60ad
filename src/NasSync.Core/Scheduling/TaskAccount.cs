namespace NasSync.Scheduling;

/// <summary>The account that a Windows task runs as.</summary>
/// <param name="UserId">An account name, or the SID of a service account.</param>
/// <param name="Logon">The logon type.</param>
public sealed record TaskAccount(string UserId, SyncTaskLogon Logon)
{
    // Well-known SIDs, which do not depend on the language of Windows.
    private static readonly Dictionary<string, string> Services = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SYSTEM"] = "S-1-5-18",
        ["LocalSystem"] = "S-1-5-18",
        ["LocalService"] = "S-1-5-19",
        ["LOCAL SERVICE"] = "S-1-5-19",
        ["NetworkService"] = "S-1-5-20",
        ["NETWORK SERVICE"] = "S-1-5-20",
    };

    /// <summary>
    /// Recognizes the kind of an account: a service account by its name, a group managed one by the trailing <c>$</c>, otherwise a person's, which
    /// runs whether the person is logged on or not.
    /// </summary>
    /// <param name="name">The name, with or without <c>NT AUTHORITY\</c>.</param>
    /// <param name="logon">The logon type; null derives it from the name.</param>
    public static TaskAccount Of(string name, SyncTaskLogon? logon = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var last = name[(name.LastIndexOf('\\') + 1)..];
        if (Services.TryGetValue(last, out var sid) || Services.ContainsValue(sid = name)) return new(sid, logon ?? SyncTaskLogon.ServiceAccount);
        return new(name, logon ?? (name.EndsWith('$') ? SyncTaskLogon.GroupManaged : SyncTaskLogon.S4U));
    }
}
