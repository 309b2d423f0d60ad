using System.Text;
using Microsoft.Extensions.Logging;
using NasSync.Destinations.Ssh;
using NasSync.Processes;

namespace NasSync.Destinations.Rsync;

/// <summary>The end of one run of rsync.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Errors">Its error output.</param>
/// <param name="Stopped">NasSync stopped it.</param>
internal sealed record RsyncExit(int ExitCode, string Errors, bool Stopped);

/// <summary>Runs the rsync program with an argument vector, in an environment that makes its output the same on every machine.</summary>
internal sealed class RsyncProgram : IAsyncDisposable
{
    /// <summary>The variable that names another rsync program, for example one outside the PATH.</summary>
    public const string Variable = "NASSYNC_RSYNC";

    private const int NoConnection = 255;

    // Each of the two thousand files of a set may have an error line.
    private const int ErrorBytes = 2 * 1024 * 1024;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly string _program;
    private readonly string? _password;
    private readonly TimeProvider _time;
    private readonly SshMaster? _master;
    private readonly ILogger _log;

    /// <param name="target">The target of all runs.</param>
    /// <param name="password">The daemon's password; null: RSYNC_PASSWORD of the environment.</param>
    /// <param name="environment">Variables that name programs and hold the password.</param>
    /// <param name="staging">Holds the socket of the shared connection.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Receives diagnostic messages.</param>
    public RsyncProgram(
        RsyncTarget target,
        string? password,
        IReadOnlyDictionary<string, string> environment,
        RsyncStaging staging,
        TimeProvider time,
        ILogger log)
    {
        (Target, _time, _log) = (target, time, log);
        _program = environment.TryGetValue(Variable, out var program) && program.Length > 0 ? program : "rsync";
        _password = password ?? environment.GetValueOrDefault("RSYNC_PASSWORD");
        if (target.Way != RsyncWay.Ssh) return;
        Ssh = new SshCommand(new SshLogin(target.Host) { User = target.User }, environment) { Log = log };
        _master = new SshMaster(Ssh, () => staging.Folder, time);
    }

    /// <summary>The target of all runs.</summary>
    public RsyncTarget Target { get; }

    /// <summary>The ssh command; null for the other ways.</summary>
    public SshCommand? Ssh { get; }

    /// <summary>Runs rsync to its end, with the target among its arguments.</summary>
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
    /// <param name="line">Receives each line of output, on another thread, including progress lines.</param>
    /// <param name="cancellationToken">Stops rsync, first gracefully, so that it can keep the received part of a file.</param>
    /// <exception cref="FailureException">The program does not exist (class Config).</exception>
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
            var command = new ChildCommand(_program, arguments) { Environment = Variables(), ErrorBytes = ErrorBytes, Log = _log };
            return ChildProcess.Start(command, _time);
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

            // These variables would silently change names, paths or the connection.
            ["RSYNC_ICONV"] = null,
            ["RSYNC_OLD_ARGS"] = null,
            ["RSYNC_PARTIAL_DIR"] = null,
            ["RSYNC_RSH"] = null,
        };

        // Always set: otherwise rsync would prompt for it, and nobody answers.
        if (Target.Way == RsyncWay.Daemon) variables["RSYNC_PASSWORD"] = _password ?? "";
        else variables["RSYNC_PASSWORD"] = null;
        return variables;
    }

    // rsync overwrites progress lines with carriage returns; names contain none, because rsync escapes control characters.
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
            // The process was stopped; the output read so far is complete.
        }

        Tell();

        void Tell()
        {
            if (line.Length > 0) tell?.Invoke(line.ToString());
            line.Clear();
        }
    }
}
