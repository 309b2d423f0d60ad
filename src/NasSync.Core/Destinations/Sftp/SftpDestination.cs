using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Destinations.Ssh;
using NasSync.Files;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// An SSH host, addressed in SFTP version 3 over the OpenSSH client: the user's ssh_config, agents, jump hosts and hardware keys work. Files share
/// connections, up to the configured number; when one breaks, the next call opens another.
/// </summary>
internal sealed class SftpDestination : IDestination, IRemovesFolders, IRooted
{
    private static readonly TimeSpan SweepPatience = TimeSpan.FromSeconds(5);
    private readonly SftpLink _link;
    private readonly SftpProof _proof;
    private readonly RemoteHash _remote;
    private readonly SftpRights _rights;
    private readonly SftpFolders _folders;
    private readonly AskPass? _askPass;
    private readonly TimeProvider _time;
    private readonly KeptNames _kept;
    private readonly string _root;
    private readonly SemaphoreSlim _probing = new(1);
    private Capabilities? _capabilities;
    private int _isSwept;

    /// <param name="config">The place.</param>
    /// <param name="environment">Variables that resolve secrets and <see cref="SshCommand.ProgramVariable"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="kept">Names that no sweep may remove; null when there is no ledger.</param>
    /// <param name="log">Receives diagnostic messages; null: nowhere.</param>
    /// <exception cref="FailureException">The reference to the password leads nowhere (class Config).</exception>
    public SftpDestination(
        SftpDestinationConfig config,
        IReadOnlyDictionary<string, string> environment,
        TimeProvider time,
        KeptNames? kept = null,
        ILogger? log = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        (_time, _kept) = (time, kept ?? KeptNames.None);
        _rights = new SftpRights(RightsOf(config));
        _root = RootOf(config.Root);
        _folders = new SftpFolders(_rights);
        _askPass = AskPass.For(config, environment);
        var command = new SshCommand(LoginOf(config), environment, _askPass?.Variables) { Log = log ?? NullLogger.Instance };
        Place = $"{(config.User is { } user ? user + "@" : "")}{config.Host}{(config.Port is { } port ? $":{port}" : "")}";
        _link = new SftpLink(Place, command, config.Connections, time) { Root = _root.Length == 0 ? "." : _root };
        _remote = new RemoteHash(command, time);
        _proof = new SftpProof(_remote);
    }

    /// <summary>User, host and port, for messages.</summary>
    public string Place { get; }

    /// <inheritdoc/>
    public string Root => $"{Place}:{(_root.Length == 0 ? "." : _root)}";

    /// <inheritdoc/>
    public bool IsOnServer => true;

    /// <inheritdoc cref="SftpProof.FollowFrom"/>
    internal long FollowFrom
    {
        init => _proof.FollowFrom = value;
    }

    /// <inheritdoc/>
    public async ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken)
    {
        await _probing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _capabilities ??= await _link.CallAsync(
                "look at",
                _root,
                session => new SftpProbe(session, _proof, _root).RunAsync(cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _probing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken)
    {
        var found = await _link.CallAsync(
            "look at",
            path.Value,
            session => session.LStatAsync(PathOf(path)),
            cancellationToken).ConfigureAwait(false);
        if (found is not { } file) return null;
        return file.IsFile ? file.State : throw NotAFile(path);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var shown = folder?.Value ?? "";
        var path = folder is null ? _link.Root : PathOf(folder);
        var connection = await _link.GetAsync(cancellationToken).ConfigureAwait(false);
        var session = connection.Session;
        Task<T> Call<T>(Func<Task<T>> call) => _link.CallAsync(connection, "list", shown, call, cancellationToken);
        if (await Call(() => session.StatAsync(path)).ConfigureAwait(false) is not { } found) yield break;
        if (!found.IsFolder) throw new FailureException(SftpFolders.NotAFolder(shown));
        var handle = await Call(() => session.OpenDirAsync(path)).ConfigureAwait(false);
        try
        {
            while (await Call(() => session.ReadDirAsync(handle)).ConfigureAwait(false) is { } names)
                foreach (var (name, attributes) in names)
                    if (attributes.IsFile && EntryOf(folder, name) is { } entry) yield return new DestinationEntry(entry, attributes.State);
        }
        finally
        {
            _ = session.CloseAsync(handle);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<RootState> LookAtRootAsync(CancellationToken cancellationToken) => await _link.CallAsync("list", "", async session =>
    {
        byte[] handle;
        try
        {
            handle = await session.OpenDirAsync(_link.Root).ConfigureAwait(false);
        }
        catch (SftpStatusException e) when (e.Status is SftpStatus.NoSuchFile or SftpStatus.PermissionDenied)
        {
            return e.Status == SftpStatus.NoSuchFile ? RootState.Missing : RootState.Used;
        }

        try
        {
            while (await session.ReadDirAsync(handle).ConfigureAwait(false) is { } names)
                if (names.Any(entry => !entry.Name.AsSpan().SequenceEqual("."u8) && !entry.Name.AsSpan().SequenceEqual(".."u8)))
                    return RootState.Used;
            return RootState.Empty;
        }
        finally
        {
            _ = session.CloseAsync(handle);
        }
    }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
        await OpenedAsync<(string, VerifiedBy)?>(path, "read", async (session, handle) =>
        {
            var size = (await session.FStatAsync(handle).ConfigureAwait(false)).Size ?? 0;
            return await _proof.HashAsync(session, handle, PathOf(path), size, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var lease = await _link.TakeAsync(request.Size, cancellationToken).ConfigureAwait(false);
        try
        {
            var session = new SftpWriteSession(_link, lease, _folders, _proof, _rights, request, PathOf(request.Path), _time);
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
        await OpenedAsync(path, "make durable", async (session, handle) =>
        {
            var synced = session.Offers("fsync@openssh.com");
            if (synced) await session.FsyncAsync(handle).ConfigureAwait(false);
            synced = synced && await _folders.SyncAsync(session, SftpFolders.Above(PathOf(path))).ConfigureAwait(false);
            var state = (await session.FStatAsync(handle).ConfigureAwait(false)).State;
            var hashedThere = state.Size > session.ReadBytes && _proof.IsTrusted;
            if (hashedThere && verify == VerifyLevel.Readback)
            {
                hashedThere = false;
                if (await ReadBack.HashAsync(session, handle, state.Size, cancellationToken).ConfigureAwait(false) != sha256)
                    throw new FailureException(new Failure(
                        FailureClass.Transient,
                        "TargetChanged",
                        $"{Place}/{path} reads otherwise than the host's hash of it says.",
                        "The next run looks again."));
            }

            return new CommitReceipt
            {
                Size = state.Size,
                Sha256 = sha256,
                VerifiedBy = hashedThere ? VerifiedBy.ServerHash : VerifiedBy.ReadBack,
                Durability = synced ? Durability.Fsynced : Durability.ServerAcknowledged,
                CommittedAt = _time.GetUtcNow(),
                Target = state,
            };
        }, cancellationToken).ConfigureAwait(false)
        ?? throw new FailureException(new Failure(
            FailureClass.Transient,
            "NotFound",
            $"{Place}/{path} is not there any more.",
            "The next run copies it."));

    /// <inheritdoc/>
    public ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) =>
        RemoveAsync("tidy up beside", path, SftpWriteSession.PartOf(PathOf(path), path, fingerprint), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        RemoveAsync("remove", path, PathOf(path), cancellationToken);

    private async ValueTask RemoveAsync(string operation, RelativePath shown, string path, CancellationToken cancellationToken) =>
        await _link.CallAsync(operation, shown.Value, async session =>
        {
            try
            {
                await session.RemoveAsync(path).ConfigureAwait(false);
            }
            catch (SftpStatusException e) when (e.Status == SftpStatus.NoSuchFile)
            {
                // The file is gone, as intended.
            }

            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RemoveEmptyFolderAsync(RelativePath folder, CancellationToken cancellationToken) =>
        await _link.CallAsync("remove", folder.Value, async session =>
        {
            try
            {
                await session.RmDirAsync(PathOf(folder)).ConfigureAwait(false);
                _folders.Forget();
            }
            catch (SftpStatusException e) when (e.Status is SftpStatus.NoSuchFile or SftpStatus.Failure)
            {
                // The folder is missing or not empty: version 3 cannot distinguish them, and neither is an error.
            }

            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await SweepAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
        await _remote.DisposeAsync().ConfigureAwait(false);
        _askPass?.Dispose();
        _probing.Dispose();
    }

    private static SshLogin LoginOf(SftpDestinationConfig config) => new(config.Host)
    {
        Port = config.Port,
        User = config.User,
        IdentityFile = config.IdentityFile,
        KnownHosts = config.KnownHosts,
        Ciphers = config.Ciphers,
        HasPassword = config.Password is not null,
    };

    // Sweeps only over an open connection, and only briefly: the run is over.
    private async Task SweepAsync()
    {
        if (Interlocked.Exchange(ref _isSwept, 1) == 1 || _folders.Written.Count == 0 || _link.Open is not { } connection) return;
        using var limit = new CancellationTokenSource(SweepPatience, _time);
        await new SftpSweep(connection.Session, _folders, Place, _kept).RunAsync(limit.Token).ConfigureAwait(false);
    }

    // The protocol identifies owners and groups only by number, and the configuration accepts nothing else.
    private static Rights? RightsOf(SftpDestinationConfig config) => Rights.Of(
        config.FileMode,
        config.DirMode,
        config.Owner is { } owner ? uint.Parse(owner, CultureInfo.InvariantCulture) : null,
        config.Group is { } group ? uint.Parse(group, CultureInfo.InvariantCulture) : null);

    // SFTP and the shell both start in the home folder, and neither of them expands '~' here.
    private static string RootOf(string root)
    {
        var path = root is "~" or "." ? "" : root.StartsWith("~/", StringComparison.Ordinal) ? root[2..] : root;
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    private string PathOf(RelativePath path) => _root.Length == 0 ? path.Value : _root.EndsWith('/') ? _root + path.Value : $"{_root}/{path.Value}";

    private static RelativePath? EntryOf(RelativePath? folder, byte[] bytes)
    {
        string name;
        try
        {
            name = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // None of our paths can name it.
            return null;
        }

        if (name.Contains('/', StringComparison.Ordinal) || name.EndsWith(SftpWriteSession.PartSuffix, StringComparison.Ordinal)) return null;
        return RelativePath.TryParse(name, out var path, out _) ? folder?.Combine(path) ?? path : null;
    }

    private async Task<T?> OpenedAsync<T>(
        RelativePath path,
        string operation,
        Func<SftpSession, byte[], Task<T>> call,
        CancellationToken cancellationToken)
    {
        if (await StatAsync(path, cancellationToken).ConfigureAwait(false) is null) return default;
        return await _link.CallAsync(operation, path.Value, async session =>
        {
            byte[] handle;
            try
            {
                handle = await session.OpenAsync(PathOf(path), SftpOpen.Read).ConfigureAwait(false);
            }
            catch (SftpStatusException e) when (e.Status == SftpStatus.NoSuchFile)
            {
                return default(T);
            }

            try
            {
                return await call(session, handle).ConfigureAwait(false);
            }
            finally
            {
                _ = session.CloseAsync(handle);
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    private FailureException NotAFile(RelativePath path) => new(SftpFailure.NotAFile($"{Place}/{path}"));
}
