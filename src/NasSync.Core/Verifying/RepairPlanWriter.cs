using System.Text.Json;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>
/// Writes a repair plan for <see cref="RepairPlanReader"/>, entry by entry, so that it can be long. At the end the complete file appears, and
/// replaces an older plan; until then there is no new file.
/// </summary>
public sealed class RepairPlanWriter : IDisposable
{
    /// <summary>The version of the format.</summary>
    public const int Version = 1;

    private const int FlushAt = 64 * 1024;
    private readonly string _path;
    private readonly SafeRoot _root;
    private readonly AtomicFile _file;
    private readonly FileState? _replaces;
    private readonly MemoryStream _buffer = new();
    private readonly Utf8JsonWriter _json;
    private long _offset;

    private RepairPlanWriter(string path, SafeRoot root, AtomicFile file, FileState? replaces, DateTimeOffset now)
    {
        (_path, _root, _file, _replaces) = (path, root, file, replaces);
        _json = new Utf8JsonWriter(_buffer, TransferEventJson.Options with { Indented = true });
        _json.WriteStartObject();
        _json.WriteNumber("nassyncRepairPlan", Version);
        _json.WriteString("createdAt", now);
        _json.WriteStartArray("entries");
    }

    /// <summary>The number of copies in the plan so far.</summary>
    public int Entries { get; private set; }

    /// <summary>Starts a plan; its folder must exist.</summary>
    /// <param name="path">The file.</param>
    /// <param name="workDir">The work folder. No file in it is replaced, because runs exclude each other by an empty file there.</param>
    /// <param name="now">The time of creation.</param>
    /// <exception cref="FailureException">The plan cannot be written there.</exception>
    public static RepairPlanWriter Create(string path, string workDir, DateTimeOffset now)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full) && Path.GetDirectoryName(full) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(workDir))) throw NotReplaced(full);
        return Guard(full, () =>
        {
            if (new FileInfo(full).LinkTarget is { } to) throw NoFile(full, $"a symbolic link, to {Failure.Quote(to)}");
            if (Directory.Exists(full)) throw NoFile(full, "a folder");
            if (Path.GetDirectoryName(full) is { } above && !Directory.Exists(above)) throw NoFolder(full, above);
            if (!RelativePath.TryParse(Path.GetFileName(full), out var name, out var problem)) throw new IOException(problem);
            var root = SafeRoot.Open(Path.GetDirectoryName(full)!);
            try
            {
                var there = root.Stat(name);
                if (there is { Kind: not FileKind.Regular }) throw NoFile(full, "no regular file");
                if (there is { State.Size: > 0 } && !BeginsAsPlan(full)) throw NotReplaced(full);
                return new RepairPlanWriter(
                    full,
                    root,
                    new AtomicFile(root.OpenFolder(null, create: false), name.FileName, Guid.NewGuid().ToString()),
                    there?.State,
                    now);
            }
            catch
            {
                root.Dispose();
                throw;
            }
        });
    }

    // A mistyped path must not overwrite a configuration or a manifest, so only repair plans are replaced, of any version.
    private static bool BeginsAsPlan(string path)
    {
        using var file = NamedFile.OpenRead(path);
        Span<byte> beginning = stackalloc byte[128];
        var json = new Utf8JsonReader(
            beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)],
            isFinalBlock: false,
            default);
        try
        {
            return json.Read() && json.TokenType == JsonTokenType.StartObject && json.Read() && json.ValueTextEquals("nassyncRepairPlan"u8);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static FailureException NotReplaced(string path) => new(new Failure(
        FailureClass.Config,
        RepairScope.PlanInvalidCode,
        $"{Failure.Quote(path)} is there and is no repair plan, so that none is written in its place.",
        "Give the plan another name, or remove that file."));

    /// <summary>Adds a lost copy; ignores any other finding.</summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public void Add(CopyFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (!finding.IsLost) return;
        Entries++;
        var entry = RepairEntry.From(finding);
        _json.WriteStartObject();
        _json.WriteString("jobId", entry.JobId);
        _json.WriteString("artifact", entry.Artifact);
        _json.WriteString("manifest", entry.Manifest);
        _json.WriteString("finding", TransferEventJson.Camel(entry.Finding));
        _json.WriteString("reason", finding.Reason);
        _json.WriteString("repair", TransferEventJson.Camel(finding.Repair));
        _json.WriteString("repairReason", finding.RepairReason);
        Write("requested", entry.Requested);
        Write("target", entry.Target);
        _json.WriteString("sha256", entry.Sha256);
        _json.WriteString("committedAt", entry.CommittedAt);
        if (entry.Found is { } found) Write(found);
        else _json.WriteNull("found");
        _json.WriteString("foundSha256", entry.FoundSha256);
        _json.WriteEndObject();
        if (_json.BytesPending + _buffer.Length > FlushAt) Flush();
    }

    /// <summary>Gives the plan its name.</summary>
    /// <exception cref="FailureException">The file cannot be written, or the older file was changed meanwhile.</exception>
    public void Commit()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        Flush();
        Guard(_path, () =>
        {
            OpenFiles.Fsync(_file.Handle);
            return _file.Commit(_replaces) ? true : throw new IOException($"{_path} was made or changed by someone else meanwhile");
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _buffer.Dispose();
        _file.Dispose();
        _root.Dispose();
    }

    private void Flush()
    {
        _json.Flush();
        Guard(_path, () =>
        {
            RandomAccess.Write(_file.Handle, _buffer.GetBuffer().AsSpan(0, (int)_buffer.Length), _offset);
            return true;
        });
        _offset += _buffer.Length;
        _buffer.SetLength(0);
    }

    private void Write(string name, Target target)
    {
        _json.WriteStartObject(name);
        _json.WriteString("destination", target.Destination);
        _json.WriteString("root", target.Root);
        _json.WriteString("path", target.Path);
        _json.WriteEndObject();
    }

    private void Write(FileState found)
    {
        _json.WriteStartObject("found");
        _json.WriteNumber("size", found.Size);
        _json.WriteNumber("mtimeNs", found.MtimeNs);
        _json.WriteNumber("inode", found.Inode);
        _json.WriteNumber("device", found.Device);
        _json.WriteEndObject();
    }

    private static FailureException NoFolder(string full, string folder) => new(new Failure(
        FailureClass.Config,
        RepairScope.PlanNoFileCode,
        $"The repair plan cannot be written to {Failure.Quote(full)}: {Failure.Quote(folder)} is "
            + $"{(Path.Exists(folder) ? "no folder" : "not there")}.",
        "Make the folder, or name a file in one that is there."));

    private static FailureException NoFile(string full, string what) => new(new Failure(
        FailureClass.Config,
        RepairScope.PlanNoFileCode,
        $"The repair plan cannot be written to {Failure.Quote(full)}: that is {what}.",
        $"Name a file, such as {Failure.Quote(Path.Combine(Directory.Exists(full) ? full : Path.GetDirectoryName(full)!, "repair.json"))}."));

    private static T Guard<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "write the repair plan", path), e);
        }
    }
}
