using System.Text;
using NasSync.Destinations.Ssh;
using NasSync.Processes;

namespace NasSync.Destinations.Rsync;

/// <summary>How one rsync ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Errors">What it wrote to its error output.</param>
/// <param name="Stopped">We ended it.</param>
internal sealed record RsyncExit(int ExitCode, string Errors, bool Stopped);

/// <summary>The rsync program as an argument vector and an environment in which its output is the same everywhere.</summary>
internal sealed class RsyncProgram : IAsyncDisposable
{
    /// <summary>Names another rsync program, for example one outside the PATH.</summary>
    public const string Variable = "NASSYNC_RSYNC";

    // Two thousand items may each have a word to say.
    private const int NoConnection = 255;
    private const int ErrorBytes = 2 * 1024 * 1024;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly string _program;
    private readonly string? _password;
    private readonly TimeProvider _time;
    private readonly SshMaster? _master;

    /// <param name="target">Where it goes.</param>
    /// <param name="password">For a daemon; null: what the environment says.</param>
    /// <param name="environment">Where the names of programs and the password are looked up.</param>
    /// <param name="staging">Where the socket of a shared connection lies.</param>
    /// <param name="time">The clock.</param>
    public RsyncProgram(
        RsyncTarget target,
        string? password,
        IReadOnlyDictionary<string, string> environment,
        RsyncStaging staging,
        TimeProvider time)
    {
        (Target, _time) = (target, time);
        _program = environment.TryGetValue(Variable, out var program) && program.Length > 0 ? program : "rsync";
        _password = password ?? environment.GetValueOrDefault("RSYNC_PASSWORD");
        if (target.Way != RsyncWay.Ssh) return;
        Ssh = new SshCommand(new SshLogin(target.Host) { User = target.User }, environment);
        _master = new SshMaster(Ssh, () => staging.Folder, time);
    }

    /// <summary>Where it goes.</summary>
    public RsyncTarget Target { get; }

    /// <summary>The ssh it goes by; null for the other ways.</summary>
    public SshCommand? Ssh { get; }

    /// <summary>Runs rsync to its end, with the target as one of its arguments.</summary>
    /// <inheritdoc cref="RunHereAsync"/>
    public async Task<RsyncExit> RunAsync(IReadOnlyList<string> arguments, Action<string>? line, CancellationToken cancellationToken)
    {
        if (_master is null) return await RunHereAsync(arguments, line, cancellationToken).ConfigureAwait(false);
        try
        {
            var (socket, refusal) = await _master.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (refusal is not null) return new RsyncExit(NoConnection, refusal, Stopped: false);
            return await RunHereAsync([$"--rsh={Ssh!.RemoteShell(socket)}", .. arguments], line, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new RsyncExit(NoConnection, "", Stopped: true);
        }
    }

    /// <summary>Runs rsync to its end, without a target on another host.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="line">Told each line of its output, on another thread; progress lines too.</param>
    /// <param name="cancellationToken">Ends it, first politely, so that it can keep what it has of a file.</param>
    /// <exception cref="FailureException">There is no such program (Config).</exception>
    public async Task<RsyncExit> RunHereAsync(IReadOnlyList<string> arguments, Action<string>? line, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var child = Start(arguments);
        await using var _ = child.ConfigureAwait(false);
        child.Input.Close();
        var reading = Task.Factory.StartNew(
            () => ReadLines(child.Output, line),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            var code = await child.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
            await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new RsyncExit(code, child.Errors, Stopped: false);
        }
        catch (OperationCanceledException)
        {
            var code = await child.StopAsync(Grace).ConfigureAwait(false);
            await reading.ConfigureAwait(false);
            return new RsyncExit(code, child.Errors, Stopped: true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _master?.DisposeAsync() ?? ValueTask.CompletedTask;

    private ChildProcess Start(IReadOnlyList<string> arguments)
    {
        try
        {
            return ChildProcess.Start(new ChildCommand(_program, arguments) { Environment = Variables(), ErrorBytes = ErrorBytes }, _time);
        }
        catch (FileNotFoundException e)
        {
            throw new FailureException(new Failure(
                FailureClass.Config,
                "RsyncMissing",
                $"The program {Failure.Quote(_program)} was not found.",
                $"Install rsync (Debian: apt install rsync), or name it in {Variable}."), e);
        }
    }

    private Dictionary<string, string?> Variables()
    {
        var variables = new Dictionary<string, string?>
        {
            ["LC_ALL"] = "C",
            ["TZ"] = "UTC",

            // These would change names, paths or the way there behind our back.
            ["RSYNC_ICONV"] = null,
            ["RSYNC_OLD_ARGS"] = null,
            ["RSYNC_PARTIAL_DIR"] = null,
            ["RSYNC_RSH"] = null,
        };

        // Always set, or rsync would ask for it where nobody answers.
        if (Target.Way == RsyncWay.Daemon) variables["RSYNC_PASSWORD"] = _password ?? "";
        else variables["RSYNC_PASSWORD"] = null;
        return variables;
    }

    // Progress is written over itself with carriage returns; names have none, for control characters are escaped.
    private static void ReadLines(Stream output, Action<string>? tell)
    {
        var buffer = new byte[16 * 1024];
        var line = new StringBuilder();
        try
        {
            for (int read; (read = output.Read(buffer)) > 0;)
            {
                foreach (var b in buffer.AsSpan(0, read))
                {
                    if (b is (byte)'\n' or (byte)'\r') Tell();
                    else line.Append((char)b);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Stopped: what was read is all there is.
        }

        Tell();

        void Tell()
        {
            if (line.Length > 0) tell?.Invoke(line.ToString());
            line.Clear();
        }
    }
}
