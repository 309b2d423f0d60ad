namespace NasSync.Tests.Support;

/// <summary>An account with no rights of its own, as which root starts a program. Nobody needs to have made it.</summary>
internal static class OrdinaryAccount
{
    /// <summary>The number of the account and of its group.</summary>
    public const string Id = "10001";

    /// <summary>The words to put before a command line; empty where this process is not root's, and so is an ordinary account's itself.</summary>
    public static readonly string[] Words = Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Id}", $"--regid={Id}", "--clear-groups"] : [];
}
