using System.Text.Json;
using System.Text.Json.Serialization;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Planning;

namespace NasSync.Ledgers;

/// <summary>
/// Remembers each copy from just before it gets its final name until it is recorded, as JSON lines in the work folder. After a kill, the next run can
/// tell our file from a foreign one even if the source has changed since. A killed process loses no line. A power cut may lose lines that were not
/// flushed; such a file then counts as foreign, which costs a second copy but loses nothing. The line is flushed when the source is to be released,
/// because the source of a foreign file would never be removed.
/// </summary>
internal sealed partial class UnrecordedCopies : IDisposable
{
    /// <summary>The file's name in the work folder. The file exists only while copies are unrecorded.</summary>
    public const string FileName = "unrecorded.jsonl";

    private const long MostBytes = 4L << 20;
    private const int MostAtOneTarget = 8;
    private readonly object _gate = new();
    private readonly Dictionary<string, List<UnrecordedCopy>> _open = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly bool _readOnly;
    private FileStream? _log;
    private bool _nameIsDurable;

    private UnrecordedCopies(string workDir, bool readOnly)
    {
        (_path, _readOnly) = (Path.Combine(Path.GetFullPath(workDir), FileName), readOnly);
        if (File.Exists(_path))
            foreach (var line in File.ReadLines(_path)) Remember(line);
    }

    /// <summary>Opens the file for writing. The caller must hold the <see cref="WorkLock"/>.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public static UnrecordedCopies Open(string workDir) => Guard(workDir, () => new UnrecordedCopies(workDir, readOnly: false));

    /// <summary>Opens the file for reading; changes nothing.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public static UnrecordedCopies OpenReadOnly(string workDir) => Guard(workDir, () => new UnrecordedCopies(workDir, readOnly: true));

    /// <summary>The unrecorded copies that may stand at a target.</summary>
    public IReadOnlyList<UnrecordedCopy> At(Target target)
    {
        lock (_gate) return _open.TryGetValue(target.Key, out var copies) ? [.. copies] : [];
    }

    /// <summary>All unrecorded copies, grouped by target; the latest of a target comes last.</summary>
    public IReadOnlyList<IReadOnlyList<UnrecordedCopy>> All
    {
        get
        {
            lock (_gate) return [.. _open.Values.Select(copies => copies.ToList())];
        }
    }

    /// <summary>Remembers a copy. Call it before the copy gets its final name.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="durable">Whether the line must survive a power cut.</param>
    /// <exception cref="FailureException">The work folder cannot be written.</exception>
    public void Add(UnrecordedCopy copy, bool durable = false)
    {
        lock (_gate)
        {
            var before = At(copy.Target);
            var isNew = Remember(copy);
            if (!isNew && !durable) return;
            try
            {
                Guard(_path, () =>
                {
                    _log ??= OpenLog();
                    if (isNew) _log.Write(LineOf(copy));
                    if (_log.Length > MostBytes) Rewrite();
                    else if (durable) MakeDurable(_log);
                    return true;
                });
            }
            catch (FailureException)
            {
                // A retry must write the line again, and not behind a part of this one. The new copy took the place of the oldest of eight, which
                // counts again.
                _open[copy.Target.Key] = [.. before];
                _log?.Dispose();
                _log = null;
                throw;
            }
        }
    }

    // A line that a kill or a full disk cut off has no end. The next line must not become part of it.
    private FileStream OpenLog()
    {
        var log = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        if (log.Length > 0) log.WriteByte((byte)'\n');
        return log;
    }

    /// <summary>Forgets the copies at a target. Call it when the copy there is recorded, or when it is known that there is none.</summary>
    public void Settled(Target target)
    {
        lock (_gate) _open.Remove(target.Key);
    }

    /// <summary>Leaves the unrecorded copies for the next run. Calling it twice is harmless.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_readOnly || (_log is null && _open.Count == 0 && !File.Exists(_path))) return;
            try
            {
                if (_open.Count > 0) Rewrite();
                _log?.Dispose();
                _log = null;
                if (_open.Count == 0) File.Delete(_path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The longer list stays, and is still correct.
            }
        }
    }

    // Writes a new file and renames it over the old one: a kill leaves one of them complete.
    private void Rewrite()
    {
        const string Beside = FileName + ".new";
        var folder = Path.GetDirectoryName(_path)!;
        using (var file = new FileStream(Path.Combine(folder, Beside), FileMode.Create, FileAccess.Write))
        {
            foreach (var copy in _open.Values.SelectMany(copies => copies)) file.Write(LineOf(copy));
            file.Flush(flushToDisk: true);
        }

        _log?.Dispose();
        _log = null;
        _nameIsDurable = false;
        using var root = SafeRoot.Open(folder);
        using var held = root.OpenFolder(null, create: false);
        held.Rename(Beside, FileName, replace: true);
        held.Fsync();
        _nameIsDurable = true;
    }

    private void MakeDurable(FileStream log)
    {
        log.Flush(flushToDisk: true);
        if (_nameIsDurable) return;
        using var root = SafeRoot.Open(Path.GetDirectoryName(_path)!);
        using var held = root.OpenFolder(null, create: false);
        held.Fsync();
        _nameIsDurable = true;
    }

    private bool Remember(UnrecordedCopy copy)
    {
        var key = copy.Target.Key;
        if (!_open.TryGetValue(key, out var copies)) _open[key] = copies = [];
        if (copies.Contains(copy)) return false;
        if (copies.Count == MostAtOneTarget) copies.RemoveAt(0);
        copies.Add(copy);
        return true;
    }

    // Ignores a truncated line, or one that is not ours.
    private void Remember(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, LineJson.Default.Line) is not
                {
                    Target: { } target,
                    Requested: { } requested,
                    JobId: { } job,
                    Artifact: { } artifact,
                    Generation: { } generation,
                } read)
                return;
            if (target.ToTarget() is not { } stands || requested.ToTarget() is not { } wanted) return;
            Remember(new UnrecordedCopy
            {
                JobId = job,
                Artifact = artifact,
                Requested = wanted,
                Target = stands,
                Source = new FileState(read.Size, read.MtimeNs, read.Inode, read.Device) { ChangeNs = read.ChangeNs },
                Sha256 = read.Sha256,
                Generation = generation,
            });
        }
        catch (JsonException)
        {
        }
    }

    private static byte[] LineOf(UnrecordedCopy copy)
    {
        var (target, requested, source) = (LineTarget.Of(copy.Target), LineTarget.Of(copy.Requested), copy.Source);
        var line = new Line(
            target,
            requested,
            copy.JobId,
            copy.Artifact,
            source.Size,
            source.MtimeNs,
            source.Inode,
            source.Device,
            copy.Sha256,
            copy.Generation,
            source.ChangeNs);
        return [.. JsonSerializer.SerializeToUtf8Bytes(line, LineJson.Default.Line), (byte)'\n'];
    }

    private static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "write", path), e);
        }
    }

    private sealed record Line(
        LineTarget Target,
        LineTarget Requested,
        string JobId,
        string Artifact,
        long Size,
        long MtimeNs,
        ulong Inode,
        ulong Device,
        string? Sha256,
        string Generation,
        long ChangeNs = 0);

    private sealed record LineTarget(string Destination, string Root, string Path)
    {
        public static LineTarget Of(Target target) => new(target.Destination, target.Root, target.Path);

        public Target? ToTarget() => Destination is not null && Root is not null && RelativePath.TryParse(Path, out var path, out _)
            ? new Target(Destination, Root, path)
            : null;
    }

    // Source-generated: reflection-based serialization is unavailable in the AOT-compiled program.
    [JsonSerializable(typeof(Line))]
    private sealed partial class LineJson : JsonSerializerContext;
}
