using System.Security.Cryptography;
using System.Text;
using NasSync.Config;

namespace NasSync.Webhooks;

/// <summary>One webhook.</summary>
/// <param name="Key">Identifies the address in the ledger, which must not store the address itself: its path or query may be a secret.</param>
/// <param name="Shown">The address as messages show it.</param>
/// <param name="Url">The address.</param>
/// <param name="Events">The events to send.</param>
/// <param name="Secret">The key that signs deliveries; null leaves them unsigned.</param>
internal sealed record Hook(string Key, string Shown, Uri Url, IReadOnlySet<string> Events, SecretReference? Secret)
{
    /// <summary>The hooks of a configuration. Entries with the same address are merged into one hook, with the first secret among them.</summary>
    public static IReadOnlyList<Hook> Of(SyncConfig config) =>
    [
        .. config.Webhooks.GroupBy(hook => hook.Url.AbsoluteUri, StringComparer.Ordinal).Select(same => new Hook(
            KeyOf(same.Key),
            ShownUrl.Of(same.First().Url),
            same.First().Url,
            same.SelectMany(hook => hook.Events).ToHashSet(StringComparer.Ordinal),
            same.Select(hook => hook.Secret).FirstOrDefault(secret => secret is not null))),
    ];

    /// <summary>Whether the hook subscribes to an event that has something to report.</summary>
    public bool Wants(TransferEvent transferEvent) => transferEvent switch
    {
        TransferEvent.Failed { Failure.Code: "Stopped" } => false,
        TransferEvent.Failed => Events.Contains("failed"),

        // A watcher examines every job again and again; without any outcome there is nothing to report.
        TransferEvent.JobFinished { Result: { Committed: 0, AlreadyPresent: 0, Failed: 0 } } => false,
        TransferEvent.JobFinished or TransferEvent.Finished => Events.Contains("finished"),
        TransferEvent.Committed => Events.Contains("committed"),
        TransferEvent.Skipped { Kind: SkipKind.Unchanged } => false,
        TransferEvent.Skipped => Events.Contains("skipped"),
        _ => false,
    };

    private static string KeyOf(string url) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(url)))[..32].ToLowerInvariant();
}
