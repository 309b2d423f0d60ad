using System.Diagnostics;
using System.Text.Json;

namespace NasSync.Tests.Support;

/// <summary>Runs <c>nassync watch --json</c> in a separate process. A test can wait for its lines and send it signals; disposing ends it.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly Process _process;
    private readonly List<JsonElement> _lines = [];
    private readonly Task _reading;
    private readonly Task<string> _error;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Daemon(string config, params string[] options) : this([], config, options)
    {
    }

    /// <summary>Starts it with environment variables, each as <c>NAME=value</c>.</summary>
    public Daemon(IReadOnlyList<string> variables, string config, string[] options)
        : this(Nassync.StartUnder(["env", .. variables], ["watch", "--json", "--config", config, .. options]))
    {
    }

    /// <summary>Takes over a process that was started in another way, with both outputs redirected.</summary>
    public Daemon(Process process)
    {
        _process = process;
        _error = _process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>Lines so far.</summary>
    public IReadOnlyList<JsonElement> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>Waits for a line of an event, ignoring the first <paramref name="from"/> lines.</summary>
    public async Task<JsonElement> UntilAsync(string name, Func<JsonElement, bool>? fits = null, int from = 0)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                foreach (var line in _lines.Skip(from))
                    if (line.GetProperty("event").GetString() == name && fits?.Invoke(line) != false) return line;
                more = _more.Task;
            }

            if (_reading.IsCompleted) Assert.Fail($"the program ended without '{name}': {string.Join('\n', Lines)}{await _error}");
            await Task.WhenAny(more, _reading).WaitAsync(Wait.Longest);
        }
    }

    /// <summary>Waits until a job is done.</summary>
    public Task<JsonElement> UntilDoneAsync(string jobId, int from = 0) =>
        UntilAsync("jobFinished", line => line.GetProperty("jobId").GetString() == jobId, from);

    /// <summary>Waits for a warning.</summary>
    public Task<JsonElement> UntilWarnedAsync(string code, int from = 0) =>
        UntilAsync("warned", line => line.GetProperty("code").GetString() == code, from);

    /// <summary>Sends a signal: TERM, HUP, KILL.</summary>
    public void Signal(string name) => Support.Signal.Send(name, _process.Id);

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code and its standard error.</returns>
    public async Task<(int ExitCode, string Error)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Wait.Longest);
        await _reading;
        return (_process.ExitCode, await _error);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            TaskCompletionSource more;
            lock (_gate)
            {
                _lines.Add(JsonElement.Parse(line));
                (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            more.SetResult();
        }
    }
}
