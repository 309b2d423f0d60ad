using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NasSync.Webhooks;

/// <summary>
/// Signs deliveries according to Standard Webhooks 1.0.0
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): HMAC-SHA256 over <c>id.timestamp.body</c>. Libraries
/// for most languages can verify it.
/// </summary>
internal static class HookSignature
{
    private const string Prefix = "whsec_";

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="secret"><c>whsec_</c> and a key in base64; without this prefix the text itself is the key, as UTF-8.</param>
    /// <param name="id">The delivery's id.</param>
    /// <param name="timestamp">The time of sending, in seconds since 1970 UTC.</param>
    /// <param name="body">The body, byte for byte as sent.</param>
    /// <exception cref="FailureException">The secret is not valid base64; the class is <see cref="FailureClass.Config"/>.</exception>
    public static string Sign(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(secret));
        hmac.AppendData(head);
        hmac.AppendData(body);
        return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    private static byte[] KeyOf(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(secret);
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) && length > 0
            ? key[..length]
            : throw new FailureException(new Failure(
                FailureClass.Config,
                "WebhookSecret",
                $"The secret of a webhook begins with {Prefix} and goes on with something that is no base64.",
                $"Make one with: echo \"{Prefix}$(openssl rand -base64 32)\""));
    }
}
