using System.Collections.Concurrent;
using System.Management.Automation;
using NasSync.Config;

namespace NasSync.PowerShell;

/// <summary>
/// User and password given to a cmdlet, in the form that a destination's configuration takes: as references. They are kept in memory until the cmdlet
/// ends.
/// </summary>
internal sealed class GivenCredential : IDisposable
{
    private const string Mark = "-Credential/";
    private const string User = "/user";
    private const string Password = "/password";
    private static readonly ConcurrentDictionary<string, PSCredential> Given = new(StringComparer.Ordinal);
    private readonly string _name = $"{Mark}{Guid.NewGuid():n}";
    private readonly string _user;

    /// <summary>Stores a credential.</summary>
    public GivenCredential(PSCredential credential)
    {
        _user = credential.UserName;
        Given[_name] = credential;
    }

    /// <summary>The value behind a reference that <see cref="For"/> made; null for any other reference, or when its cmdlet has ended.</summary>
    public static string? Read(string reference)
    {
        if (!reference.StartsWith(Mark, StringComparison.Ordinal) || !Given.TryGetValue(reference[..reference.LastIndexOf('/')], out var credential))
            return null;
        return reference.EndsWith(User, StringComparison.Ordinal) ? credential.UserName : credential.GetNetworkCredential().Password;
    }

    /// <summary>The destination with these credentials instead of the configured ones.</summary>
    /// <exception cref="FailureException">The destination has no login (class Config).</exception>
    public DestinationConfig For(DestinationConfig destination) => destination switch
    {
        SftpDestinationConfig sftp => sftp with { User = _user, Password = Reference(Password), IdentityFile = null },
        S3DestinationConfig s3 => s3 with { AccessKeyId = Reference(User), SecretAccessKey = Reference(Password) },
        RsyncDestinationConfig rsync when rsync.Target.StartsWith("rsync://", StringComparison.Ordinal) =>
            rsync with { Password = Reference(Password) },
        _ => throw new FailureException(CmdletFailure.CredentialUnused(destination.Name)),
    };

    /// <inheritdoc/>
    public void Dispose() => Given.TryRemove(_name, out _);

    private SecretReference Reference(string part) => new("vault", _name + part);
}
