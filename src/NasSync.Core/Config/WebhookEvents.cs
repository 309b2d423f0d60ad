namespace NasSync.Config;

/// <summary>The events that a webhook can subscribe to, by their names in <see cref="TransferEvent"/>.</summary>
internal static class WebhookEvents
{
    public static readonly string[] All = ["committed", "skipped", "failed", "finished"];

    public static readonly string[] Default = ["finished", "failed"];
}
