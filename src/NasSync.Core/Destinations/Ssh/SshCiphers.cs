using NasSync.Processes;

namespace NasSync.Destinations.Ssh;

/// <summary>
/// Which ciphers to ask a host for. OpenSSH offers ChaCha20 first, for machines without instructions for AES; where this one has them, AES-GCM
/// carries the same bytes in half the time. Only the order changes, and only where nobody has named ciphers: a host that lacks AES-GCM gets what it
/// got before.
/// </summary>
internal static class SshCiphers
{
    private static readonly string[] Fast = ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>True where this machine computes AES in hardware.</summary>
    public static bool AreFastHere { get; } = System.Runtime.Intrinsics.X86.Aes.IsSupported || System.Runtime.Intrinsics.Arm.Aes.IsSupported;

    /// <summary>Asks ssh what it would offer, and what it would without any configuration file.</summary>
    /// <returns>The list to offer instead; null leaves it to ssh.</returns>
    public static async Task<string?> ChooseAsync(SshCommand command, TimeProvider time)
    {
        try
        {
            var (configured, own) = (OfferAsync(command.ShowSettings(), time), OfferAsync(command.ShowOwnSettings(), time));
            return Choose(await configured.ConfigureAwait(false), await own.ConfigureAwait(false));
        }
        catch (Exception e) when (e is FileNotFoundException or IOException or TimeoutException)
        {
            // Why ssh does not run is told by the connection.
            return null;
        }
    }

    /// <summary>The fast ones first.</summary>
    /// <param name="configured">What ssh offers with the user's configuration.</param>
    /// <param name="own">What it offers by itself.</param>
    /// <returns>The same ciphers in another order; null when somebody has chosen some, or when there is nothing to gain.</returns>
    public static string? Choose(string? configured, string? own)
    {
        if (configured is null || configured != own) return null;
        var offered = configured.Split(',');
        string[] ordered = [.. Fast.Where(offered.Contains), .. offered.Where(cipher => !Fast.Contains(cipher))];
        return ordered.AsSpan().SequenceEqual(offered) ? null : string.Join(',', ordered);
    }

    private static async Task<string?> OfferAsync(ChildCommand settings, TimeProvider time)
    {
        var child = ChildProcess.Start(settings, time);
        await using var _ = child.ConfigureAwait(false);
        child.Input.Close();
        var reading = Task.Factory.StartNew(
            () => new StreamReader(child.Output).ReadToEnd(),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var lines = await reading.WaitAsync(Patience, time).ConfigureAwait(false);
        return await child.Exited.WaitAsync(Patience, time).ConfigureAwait(false) != 0
            ? null
            : lines.Split('\n').FirstOrDefault(line => line.StartsWith("ciphers ", StringComparison.OrdinalIgnoreCase))?["ciphers ".Length..].Trim();
    }
}
