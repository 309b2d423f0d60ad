using NasSync.Files;

namespace NasSync.Service.Commands;

/// <summary>
/// Checks a configuration file at intervals, and reports when its time or size has changed since the last check. A missing file is not a change.
/// </summary>
internal sealed class ConfigFileWatch : IDisposable
{
    private readonly string _path;
    private readonly Action _changed;
    private readonly TimeSpan _every;
    private readonly ITimer _timer;
    private (DateTime Written, long Length) _seen;

    private ConfigFileWatch(string path, TimeSpan every, TimeProvider time, Action changed)
    {
        (_path, _every, _changed) = (path, every, changed);
        _seen = Look() ?? default;
        _timer = time.CreateTimer(_ => Compare(), null, every, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts the watch; null when there is no file, or one that can be read only once.</summary>
    public static ConfigFileWatch? Start(string? path, TimeSpan every, TimeProvider time, Action changed) =>
        path is null || NamedFile.IsHanded(path) ? null : new ConfigFileWatch(path, every, time, changed);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Compare()
    {
        if (Look() is { } now && now != _seen)
        {
            _seen = now;
            _changed();
        }

        _timer.Change(_every, Timeout.InfiniteTimeSpan);
    }

    private (DateTime Written, long Length)? Look()
    {
        try
        {
            var file = new FileInfo(_path);
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
