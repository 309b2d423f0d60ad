using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace NasSync.Processes;

/// <summary>
/// A running program with raw streams. <see cref="Input"/> and <see cref="Output"/> block the calling thread, so use each from a dedicated thread.
/// Error output is always drained, so it can never block the program.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan GraceAtDispose = TimeSpan.FromSeconds(2);
    private readonly Process _process;
    private readonly ErrorTail _errors;
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    // The exit code was fetched, so the system may give the id to another process.
    private volatile bool _isIdFree;

    private ChildProcess(Process process, ChildCommand command, TimeProvider time)
    {
        _process = process;
        _time = time;
        _log = command.Log;
        _errors = new ErrorTail(command.ErrorBytes);
        Id = process.Id;
        Input = process.StandardInput.BaseStream;
        Output = process.StandardOutput.BaseStream;
        new Thread(DrainErrors, maxStackSize: 256 * 1024) { IsBackground = true, Name = $"errors of {Id}" }.Start();
        Exited = WatchAsync();
    }

    /// <summary>The process id, which is also the id of its process group.</summary>
    public int Id { get; }

    /// <summary>Standard input; closing it tells a well-behaved program that there is no more input.</summary>
    public Stream Input { get; }

    /// <summary>Standard output. A grandchild that keeps it open delays end of file until <see cref="StopAsync"/>.</summary>
    public Stream Output { get; }

    /// <summary>
    /// Completes when the program itself has ended, with its exit code (128 + signal after a signal on Unix). Does not wait for grandchildren, and
    /// only half a second for the rest of the error output.
    /// </summary>
    public Task<int> Exited { get; }

    /// <summary>The kept part of the error output so far.</summary>
    public string Errors => _errors.ToString();

    /// <summary>Starts a program.</summary>
    /// <exception cref="FileNotFoundException">The program does not exist; <see cref="FileNotFoundException.FileName"/> is the name that was
    /// searched.</exception>
    public static ChildProcess Start(ChildCommand command, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(command);
        var found = ProgramFinder.Find(command.Program)
            ?? throw new FileNotFoundException($"there is no program '{command.Program}'", command.Program);
        var (program, prefix) = ProcessGroup.Wrap(found);
        var start = new ProcessStartInfo(program, prefix.Concat(command.Arguments))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = command.WorkingFolder ?? "",
        };
        foreach (var (name, value) in command.Environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        if (command.PipeBytes is { } bytes)
        {
            PipeSize.TrySet(process.StandardInput.BaseStream, bytes);
            PipeSize.TrySet(process.StandardOutput.BaseStream, bytes);
        }

        if (command.Log.IsEnabled(LogLevel.Debug))
            ProcessLog.Started(command.Log, process.Id, ProcessLog.CommandLine(command.Program, command.Arguments));
        return new ChildProcess(process, command, time);
    }

    /// <summary>
    /// Stops the program and everything it started: closes its input, sends SIGTERM to the group, and after <paramref name="grace"/> kills what is
    /// left. Safe to call at any time, even after the program has ended and only grandchildren are left.
    /// </summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(TimeSpan grace)
    {
        CloseInput();
        if (!Exited.IsCompleted)
        {
            if (!_isIdFree) ProcessGroup.SignalTerminate(Id);
            try
            {
                await Exited.WaitAsync(grace, _time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Ignored SIGTERM; the kill below ends the program as well.
            }
        }

        if (_isIdFree) ProcessGroup.KillRest(Id);
        else ProcessGroup.SignalKill(Id);
        KillProcess();
        return await Exited.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(GraceAtDispose).ConfigureAwait(false);
        await Output.DisposeAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private void CloseInput()
    {
        try
        {
            Input.Dispose();
        }
        catch (IOException)
        {
            // Buffered input cannot be delivered to a program that has ended.
        }
    }

    private void KillProcess()
    {
        if (Exited.IsCompleted && ProcessGroup.Supported) return;
        try
        {
            _process.Kill(entireProcessTree: !ProcessGroup.Supported);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // The program ended meanwhile.
        }
    }

    private async Task<int> WatchAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _isIdFree = true;
        var code = _process.ExitCode;
        ProcessLog.Ended(_log, Id, code);
        try
        {
            await _errorsEnded.Task.WaitAsync(LastWords, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A grandchild keeps the error output open; the program's own output is complete.
        }

        return code;
    }

    private void DrainErrors()
    {
        try
        {
            var stream = _process.StandardError.BaseStream;
            var buffer = new byte[4096];
            for (int read; (read = stream.Read(buffer)) > 0;) _errors.Add(buffer.AsSpan(0, read));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The stream was closed while a grandchild held it; keep what was read.
        }
        finally
        {
            _errorsEnded.TrySetResult();
        }
    }
}
