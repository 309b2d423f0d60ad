using NasSync.Processes;

namespace NasSync.Destinations.Ssh;

/// <summary>
/// Chooses the order of ciphers. OpenSSH offers ChaCha20 first, for machines without AES instructions; where this machine has them, AES-GCM halves
/// the time for the same bytes. Only the order changes, and only where nobody has configured ciphers: a host without AES-GCM gets the same cipher as
/// before.
/// </summary>
internal static class SshCiphers
{
    private static readonly string[] Fast = ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether this machine computes AES in hardware.</summary>
    public static bool AreFastHere { get; } = System.Runtime.Intrinsics.X86.Aes.IsSupported || System.Runtime.Intrinsics.Arm.Aes.IsSupported;

    /// <summary>Asks ssh which ciphers it would offer with and without its configuration files.</summary>
    /// <returns>The list to offer instead; null leaves the choice to ssh.</returns>
    public static async Task<string?> ChooseAsync(SshCommand command, TimeProvider time)
    {
        try
        {
            var (configured, own) = (OfferAsync(command.ShowSettings(), time), OfferAsync(command.ShowOwnSettings(), time));
            return Choose(await configured.ConfigureAwait(false), await own.ConfigureAwait(false));
        }
        catch (Exception e) when (e is FileNotFoundException or IOException or TimeoutException)
        {
            // The connection reports why ssh does not run.
            return null;
        }
    }

    /// <summary>Puts the fast ciphers first.</summary>
    /// <param name="configured">The offer with the user's configuration.</param>
    /// <param name="own">The offer without configuration files.</param>
    /// <returns>The same ciphers in another order; null when someone has configured ciphers, or when there is nothing to gain.</returns>
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
