using System.Security.Cryptography;
using System.Text;
using NasSync.Config;

namespace NasSync.Webhooks;

/// <summary>One address that is told of events.</summary>
/// <param name="Key">Stands for the address in the ledger, which holds no address: what follows a host may be a secret.</param>
/// <param name="Shown">The address as messages show it.</param>
/// <param name="Url">The address.</param>
/// <param name="Events">What it wants to know.</param>
/// <param name="Secret">What deliveries are signed with; null: they are not.</param>
internal sealed record Hook(string Key, string Shown, Uri Url, IReadOnlySet<string> Events, SecretReference? Secret)
{
    /// <summary>The hooks of a configuration. An address that stands there twice is one hook, with the first secret that it has.</summary>
    public static IReadOnlyList<Hook> Of(SyncConfig config) =>
    [
        .. config.Webhooks.GroupBy(hook => hook.Url.AbsoluteUri, StringComparer.Ordinal).Select(same => new Hook(
            KeyOf(same.Key),
            ShownUrl.Of(same.First().Url),
            same.First().Url,
            same.SelectMany(hook => hook.Events).ToHashSet(StringComparer.Ordinal),
            same.Select(hook => hook.Secret).FirstOrDefault(secret => secret is not null))),
    ];

    /// <summary>Whether it wants to know of an event, and whether there is something to know.</summary>
    public bool Wants(TransferEvent transferEvent) => transferEvent switch
    {
        TransferEvent.Failed { Failure.Code: "Stopped" } => false,
        TransferEvent.Failed => Events.Contains("failed"),

        // Who watches looks at every job again and again.
        TransferEvent.JobFinished { Result: { Committed: 0, AlreadyPresent: 0, Failed: 0 } } => false,
        TransferEvent.JobFinished or TransferEvent.Finished => Events.Contains("finished"),
        TransferEvent.Committed => Events.Contains("committed"),
        TransferEvent.Skipped { Kind: SkipKind.Unchanged } => false,
        TransferEvent.Skipped => Events.Contains("skipped"),
        _ => false,
    };

    private static string KeyOf(string url) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(url)))[..32].ToLowerInvariant();
}
