using System.Diagnostics;

namespace NasSync.Processes;

/// <summary>
/// A running program with raw streams. <see cref="Input"/> and <see cref="Output"/> block the thread that uses them: use them from a thread
/// of their own, and read and write on different ones. Error output is always drained, so it can never block the program.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan GraceAtDispose = TimeSpan.FromSeconds(2);
    private readonly Process _process;
    private readonly ErrorTail _errors;
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;

    private ChildProcess(Process process, int errorBytes, TimeProvider time)
    {
        _process = process;
        _time = time;
        _errors = new ErrorTail(errorBytes);
        Id = process.Id;
        Input = process.StandardInput.BaseStream;
        Output = process.StandardOutput.BaseStream;
        new Thread(DrainErrors, maxStackSize: 256 * 1024) { IsBackground = true, Name = $"errors of {Id}" }.Start();
        Exited = WatchAsync();
    }

    /// <summary>Its process id, and the id of its group.</summary>
    public int Id { get; }

    /// <summary>Its standard input; closing it is how a well-behaved program is told that nothing more comes.</summary>
    public Stream Input { get; }

    /// <summary>Its standard output. A grandchild that keeps it open delays its end until <see cref="StopAsync"/>.</summary>
    public Stream Output { get; }

    /// <summary>
    /// Done when the program itself has ended, with its exit code (128 + signal when one ended it on Unix). It waits for no grandchild, and
    /// only for half a second for the last of the error output.
    /// </summary>
    public Task<int> Exited { get; }

    /// <summary>What it wrote to its error output so far, in the given bounds.</summary>
    public string Errors => _errors.ToString();

    /// <summary>Starts a program.</summary>
    /// <exception cref="FileNotFoundException">There is no such program; <see cref="FileNotFoundException.FileName"/> is what was looked
    /// for.</exception>
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

        return new ChildProcess(process, command.ErrorBytes, time);
    }

    /// <summary>
    /// Ends the program and all it started: its input is closed and the group is asked to end; what is left after <paramref name="grace"/>
    /// is killed. Safe to call at any time, also after the program has ended, when only its grandchildren are left.
    /// </summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(TimeSpan grace)
    {
        CloseInput();
        if (!Exited.IsCompleted)
        {
            ProcessGroup.SignalTerminate(Id);
            try
            {
                await Exited.WaitAsync(grace, _time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // It had its chance; the kill below is for it too.
            }
        }

        // The group's number is not given to another process while one of the group lives.
        ProcessGroup.SignalKill(Id);
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
            // What was still buffered cannot be delivered to a program that is gone.
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
            // It ended by itself meanwhile.
        }
    }

    private async Task<int> WatchAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var code = _process.ExitCode;
        try
        {
            await _errorsEnded.Task.WaitAsync(LastWords, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A grandchild keeps the error output open; the program's own words are in.
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
            // Stopped while a grandchild still held it: what is kept is all there is.
        }
        finally
        {
            _errorsEnded.TrySetResult();
        }
    }
}
