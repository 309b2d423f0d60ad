using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using NasSync.Config;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// Shows diagnostic messages to a person, writes them to a file, or both. It is for finding faults; the ledger and the event log
/// (<see cref="EventLog"/>) record what was done. A message that cannot be written is lost, and the work continues. Thread-safe.
/// </summary>
public sealed class DebugLog : ILogger, IDisposable
{
    private readonly object _gate = new();
    private readonly Action<string>? _show;
    private readonly Action<string> _trouble;
    private readonly string? _path;
    private readonly TimeProvider _time;
    private AppendFile? _file;
    private bool _isBroken;

    /// <param name="show">Called with each message, without a line end, one at a time, from any thread; null shows nothing.</param>
    /// <param name="file">The full path of the file to append to, created if it is missing; null writes no file.</param>
    /// <param name="trouble">Called once with a text for people when the file cannot be written.</param>
    /// <param name="time">The clock; null is the system's.</param>
    public DebugLog(Action<string>? show, string? file, Action<string> trouble, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(trouble);
        (_show, _path, _trouble, _time) = (show, file, trouble, time ?? TimeProvider.System);
    }

    /// <summary>The log that a configuration asks for, which is also shown if <paramref name="show"/> is given.</summary>
    /// <inheritdoc cref="DebugLog(Action{string}?, string?, Action{string}, TimeProvider?)" path="/param"/>
    public static DebugLog Of(SyncConfig config, Action<string>? show, Action<string> trouble, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(trouble);
        var file = config.DebugLog is { } named ? Path.GetFullPath(named) : null;
        if (file is not null && WhyNot(file, config) is { } why)
        {
            trouble($"The debug log {file} is not written: {why}. Name another file in debugLog.");
            file = null;
        }

        return new DebugLog(show, file, trouble, time);
    }

    // Log lines appended to these files would damage them.
    private static string? WhyNot(string file, SyncConfig config)
    {
        if (IsSame(file, config.File)) return "it is the configuration";
        if (IsSame(file, config.LogFile)) return "it is the log file";
        if (IsWithin(file, config.WorkDir)) return "it lies in the work folder";
        return config.OutputsDir is { } outputs && IsWithin(file, outputs) ? "it lies in the outputs folder" : null;
    }

    private static bool IsSame(string file, string? other) => other is not null && file == Path.GetFullPath(other);

    private static bool IsWithin(string file, string folder) =>
        file.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) =>
        logLevel != Microsoft.Extensions.Logging.LogLevel.None && (_show is not null || _path is not null);

    /// <inheritdoc/>
    public void Log<TState>(
        Microsoft.Extensions.Logging.LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        if (!IsEnabled(logLevel)) return;
        var message = formatter(state, exception);
        var now = _time.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        lock (_gate)
        {
            _show?.Invoke($"{now} {eventId.Name}: {message}");
            if (_path is not null && !_isBroken) Write(_path, $"{_time.GetUtcNow():yyyy-MM-dd}T{now}Z {eventId.Name}: {message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
            _isBroken = true;
        }
    }

    private void Write(string path, string line)
    {
        try
        {
            // The file may have been moved away since the last line, by a program that rotates logs.
            var length = _file?.Length();
            if (length is null)
            {
                _file?.Dispose();
                _file = null;
                _file = AppendFile.Open(path);
                length = _file.Length();
            }

            _file!.Write(Encoding.UTF8.GetBytes(SafeText.Show(line) + "\n"), length ?? 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            _isBroken = true;
            var why = SystemFailure.FromException(e, "write the debug log", path);
            _trouble($"{why.Message} Everything goes on without it. Check the name that debugLog gives, its folder's rights and the free space.");
        }
    }
}
