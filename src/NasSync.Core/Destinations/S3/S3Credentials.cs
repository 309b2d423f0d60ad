using Amazon.Runtime;
using NasSync.Config;

namespace NasSync.Destinations.S3;

/// <summary>Keys by reference, read at first use and again when the server refuses them, so that rotated keys need no restart.</summary>
internal sealed class S3Credentials(SecretReference id, SecretReference secret, IReadOnlyDictionary<string, string> environment) : AWSCredentials
{
    private const string TokenVariable = "AWS_SESSION_TOKEN";

    private ImmutableCredentials? _keys;

    /// <inheritdoc/>
    public override ImmutableCredentials GetCredentials() => _keys ??= Read();

    /// <summary>Reads the keys again.</summary>
    /// <param name="refused">The keys of the refused request; null when even reading them failed.</param>
    /// <returns>True when the keys differ now, even if another request has read them already.</returns>
    public bool Reload(ImmutableCredentials? refused)
    {
        var keys = _keys = Read();
        return refused is not null && (refused.AccessKey, refused.SecretKey, refused.Token) != (keys.AccessKey, keys.SecretKey, keys.Token);
    }

    // Temporary keys in the AWS variables are useless without their session token.
    private ImmutableCredentials Read() => new(
        SecretReader.Read(id, environment).Trim(),
        SecretReader.Read(secret, environment).Trim(),
        id is { Scheme: "env", Name: "AWS_ACCESS_KEY_ID" } && environment.TryGetValue(TokenVariable, out var token) && token.Length > 0
            ? token
            : null);
}
