using System.Runtime.CompilerServices;
using System.Text;
using NasSync.Config;

namespace NasSync.Transfers;

/// <summary>
/// Appends events to the log file, one JSON line each. The log serves the run and never the other way round: when it cannot be written
/// (disk full, folder removed), the caller is told once and the run goes on without it.
/// </summary>
public sealed class EventLog : IDisposable
{
    private readonly string _file;
    private readonly LogLevel _level;
    private readonly TimeProvider _time;
    private readonly Action<string> _trouble;
    private FileStream? _stream;
    private bool _broken;

    /// <summary>Opens nothing yet; the file and its folder are made with the first line.</summary>
    /// <param name="file">The log file, as a full path.</param>
    /// <param name="level">The least level that is written.</param>
    /// <param name="trouble">Told once, in one sentence, when the log cannot be written.</param>
    /// <param name="time">The clock of the <c>time</c> field; null is the system's.</param>
    public EventLog(string file, LogLevel level, Action<string> trouble, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentNullException.ThrowIfNull(trouble);
        _file = file;
        _level = level;
        _trouble = trouble;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Passes every event on and writes it to the configuration's log file on its way; without a log file it only passes on.</summary>
    public static async IAsyncEnumerable<TransferEvent> Tee(
        IAsyncEnumerable<TransferEvent> events,
        SyncConfig config,
        Action<string> trouble,
        TimeProvider? time = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(config);
        using var log = config.LogFile is { } file ? new EventLog(file, config.LogLevel, trouble, time) : null;
        await foreach (var transferEvent in events.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            log?.Append(transferEvent);
            yield return transferEvent;
        }
    }

    /// <summary>The level an event belongs to: what moves is debug, what was done is info, what someone may want to mend is warning or error.</summary>
    public static LogLevel LevelOf(TransferEvent transferEvent) => transferEvent switch
    {
        TransferEvent.Started or TransferEvent.Progress => LogLevel.Debug,
        TransferEvent.Skipped { Kind: SkipKind.Unrouted or SkipKind.Conflict } => LogLevel.Warning,
        TransferEvent.Failed => LogLevel.Error,
        TransferEvent.Finished { Result.Failed: > 0 } => LogLevel.Error,
        _ => LogLevel.Info,
    };

    /// <summary>Writes one event, if its level is asked for. Never throws for what happens to the file.</summary>
    public void Append(TransferEvent transferEvent)
    {
        if (_broken || LevelOf(transferEvent) < _level) return;
        try
        {
            _stream ??= Open();
            _stream.Write(Encoding.UTF8.GetBytes(TransferEventJson.ToLine(transferEvent, _time.GetUtcNow()) + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            _broken = true;
            _trouble($"The log file {_file} cannot be written ({e.Message.TrimEnd('.')}); the run goes on without it. Check logFile, its folder's rights and the free space.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    // Unbuffered, so that a line is in the file as a whole when the event is passed on; shared, so that it can be read and rotated meanwhile.
    private FileStream Open()
    {
        if (Path.GetDirectoryName(_file) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        return new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }
}
