using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using NasSync.Config;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// Appends events to the log file, one JSON line each, and sets the file aside when it is large or old. A log that cannot be written (disk full, no
/// permission) never stops a run: the caller is told once, and the run continues. As soon as the log can be written again, it continues with a line
/// that says how many lines were lost. Thread-safe.
/// </summary>
public sealed class EventLog : IDisposable
{
    // A full disk stays full for a while, so a failed write is not repeated for each of thousands of lines.
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SetAsideAgainAfter = TimeSpan.FromMinutes(1);

    private readonly object _gate = new();
    private readonly string _path;
    private readonly LogLevel _level;
    private readonly TimeProvider _time;
    private readonly Action<string> _trouble;
    private AppendFile? _file;
    private DateTimeOffset _begun;
    private long? _brokenAt;
    private long? _stuckAt;
    private long _lost;

    /// <summary>Opens nothing yet; the file and its folder are created with the first line.</summary>
    /// <param name="file">The log file, as a full path.</param>
    /// <param name="level">The lowest level that is written.</param>
    /// <param name="trouble">Called with one sentence, once each time that the log becomes unwritable.</param>
    /// <param name="time">The clock of the <c>time</c> field; null is the system's.</param>
    public EventLog(string file, LogLevel level, Action<string> trouble, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentNullException.ThrowIfNull(trouble);
        _path = file;
        _level = level;
        _trouble = trouble;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The size in bytes above which the file is set aside; 0 (the default) sets no limit.</summary>
    public long MaxSize { get; init; }

    /// <summary>The age of the first line after which the file is set aside; zero (the default) sets no limit.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>The number of older log files to keep. Default 5.</summary>
    public int Keep { get; init; } = 5;

    /// <summary>The log that a configuration asks for; null when it asks for none.</summary>
    public static EventLog? Of(SyncConfig config, Action<string> trouble, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.LogFile is { } file
            ? new EventLog(file, config.LogLevel, trouble, time) { MaxSize = config.LogMaxSize, MaxAge = config.LogMaxAge, Keep = config.LogKeep }
            : null;
    }

    /// <summary>Writes every event to the configuration's log file, if there is one, and passes it on.</summary>
    public static async IAsyncEnumerable<TransferEvent> Tee(
        IAsyncEnumerable<TransferEvent> events,
        SyncConfig config,
        Action<string> trouble,
        TimeProvider? time = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(config);
        using var log = Of(config, trouble, time);
        await foreach (var transferEvent in events.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            log?.Append(transferEvent);
            yield return transferEvent;
        }
    }

    /// <summary>
    /// The level of an event: progress is debug, completed work is info, and what someone may have to fix is warning or error.
    /// </summary>
    public static LogLevel LevelOf(TransferEvent transferEvent) => transferEvent switch
    {
        TransferEvent.Started or TransferEvent.Progress => LogLevel.Debug,
        TransferEvent.Warned or TransferEvent.Retrying or TransferEvent.Skipped { Kind: SkipKind.Unrouted or SkipKind.Conflict or SkipKind.Stale } =>
            LogLevel.Warning,
        TransferEvent.Failed => LogLevel.Error,
        TransferEvent.Finished { Result.Failed: > 0 } or TransferEvent.JobFinished { Result.Failed: > 0 } => LogLevel.Error,
        _ => LogLevel.Info,
    };

    /// <summary>Writes one event if its level is high enough. Never throws because of the file.</summary>
    public void Append(TransferEvent transferEvent)
    {
        if (LevelOf(transferEvent) < _level) return;
        lock (_gate)
        {
            if (_brokenAt is { } since && _time.GetElapsedTime(since) < TryAgainAfter) _lost++;
            else TryWrite(Line(transferEvent), lines: 1);
        }
    }

    /// <summary>Closes the file; first writes the number of lost lines, if that is possible by now.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_lost > 0) TryWrite([], lines: 0);
            _file?.Dispose();
            _file = null;
        }
    }

    private void TryWrite(byte[] text, int lines)
    {
        try
        {
            Write(_lost == 0 ? text : [.. Line(Lost()), .. text]);
            (_brokenAt, _lost) = (null, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            _file?.Dispose();
            _file = null;
            _lost += lines;
            var isNew = _brokenAt is null;
            _brokenAt = _time.GetTimestamp();
            if (isNew)
                _trouble(
                    $"The log file {_path} cannot be written ({e.Message.TrimEnd('.')}); everything goes on without it "
                        + "until it can. Check logFile, its folder's rights and the free space.");
        }
    }

    // Writes each line in one unbuffered write, so that the complete line is in the file before the event is passed on.
    private void Write(byte[] text)
    {
        var length = Open();
        if (length > 0 && IsDue(length + text.Length) && SetAside()) length = Open();
        if (length == 0) _begun = _time.GetUtcNow();
        _file!.Write(text, length);
    }

    // The file may have been moved away since the last line, by a program that rotates logs, or with its folder.
    private long Open()
    {
        if (_file?.Length() is { } length) return length;
        _file?.Dispose();
        _file = null;
        _file = AppendFile.Open(_path);
        _begun = TimeOfFirstLine() ?? _time.GetUtcNow();
        return _file.Length() ?? 0;
    }

    private bool IsDue(long length) => (MaxSize > 0 && length > MaxSize) || (MaxAge > TimeSpan.Zero && _time.GetUtcNow() - _begun >= MaxAge);

    // If the file cannot be renamed, NasSync continues to append to it.
    private bool SetAside()
    {
        if (_stuckAt is { } since && _time.GetElapsedTime(since) < SetAsideAgainAfter) return false;
        try
        {
            new LogsSetAside(_path, Keep).Take(_time.GetUtcNow());
            _stuckAt = null;
        }
        catch (FileNotFoundException)
        {
            // Another program has moved the file already.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_stuckAt is null)
                _trouble(
                    $"The log file {_path} cannot be set aside for a new one, or an old one cannot be removed "
                        + $"({e.Message.TrimEnd('.')}); it is written on. Check the rights of its folder.");
            _stuckAt = _time.GetTimestamp();
        }

        return true;
    }

    private DateTimeOffset? TimeOfFirstLine()
    {
        const int longest = 64;
        var words = Encoding.UTF8.GetString(_file!.Beginning(longest)).Split('"');
        return words is ["{", "time", ":", var time, _, ..]
            && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var begun)
            ? begun
            : null;
    }

    private byte[] Line(TransferEvent transferEvent) => Encoding.UTF8.GetBytes(TransferEventJson.ToLine(transferEvent, _time.GetUtcNow()) + "\n");

    private TransferEvent.Warned Lost() => new(new Notice(
        "LogLinesLost",
        FormattableString.Invariant($"{_lost} lines are missing here, because the log could not be written."),
        "The ledger has what was done meanwhile: run nassync status."));
}
