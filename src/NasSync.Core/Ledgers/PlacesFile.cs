using System.Text.Json;
using System.Text.Json.Serialization;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Ledgers;

/// <summary>
/// Stores how to recognize the folders that were written to, in a file beside the ledger: losing the ledger and a NAS mount in the same power cut
/// must not turn the empty mount point into a new place. The file is replaced atomically and is durable when a call returns. Safe to call from
/// several threads and from several ledgers of one process; the <see cref="WorkLock"/> keeps other processes out.
/// </summary>
/// <param name="workDir">The work folder, as a full path.</param>
internal sealed partial class PlacesFile(string workDir)
{
    /// <summary>The file's name in the work folder.</summary>
    public const string FileName = "places.json";

    private const string Beside = FileName + ".new";
    private static readonly object Gate = new();
    private readonly string _path = Path.Combine(workDir, FileName);
    private Content? _content;

    /// <summary>Whether a work folder has the file, which proves that it had a ledger.</summary>
    public static bool IsIn(string workDir) => File.Exists(Path.Combine(workDir, FileName));

    /// <summary>
    /// Whether the file lists every folder that was ever copied to. False when it was created after a ledger was lost, because the earlier folders
    /// are then unknown; null when there is no file.
    /// </summary>
    public bool? KnowsAll
    {
        get
        {
            lock (Gate) return Loaded()?.KnowsAll;
        }
    }

    /// <summary>What is stored about the folder at a root; null when nothing is.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public RecordedPlace? Find(string root)
    {
        lock (Gate) return Loaded()?.Places.GetValueOrDefault(root);
    }

    /// <summary>The known folders that were not merely accepted, sorted by path.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public IReadOnlyList<string> Roots
    {
        get
        {
            lock (Gate) return [.. (Loaded()?.Places ?? []).Where(entry => entry.Value != RecordedPlace.Accepted).Select(entry => entry.Key)];
        }
    }

    /// <summary>Whether a place was accepted as it is and no complete run has checked its copies since.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public bool LooksAgain
    {
        get
        {
            lock (Gate) return Loaded() is { Again.Count: > 0 };
        }
    }

    /// <summary>Makes the next complete run check the copies in a place, whatever the ledger says of them.</summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public void LookAgain(string root)
    {
        lock (Gate)
        {
            var last = _content;
            _content = null;
            var content = Loaded() ?? last ?? new Content(true, []);
            if (content.Again?.Contains(root) != true) Write(content with { Again = [.. content.Again ?? [], root] });
        }
    }

    /// <summary>Notes that a complete run has checked the copies.</summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public void LookedAgain()
    {
        lock (Gate)
        {
            _content = null;
            if (Loaded() is { Again: not null } content) Write(content with { Again = null });
        }
    }

    /// <summary>Stores how to recognize a folder.</summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public void Set(string root, RecordedPlace place)
    {
        lock (Gate)
        {
            var last = _content;
            _content = null;
            var content = Loaded() ?? last ?? new Content(true, []);
            if (content.Places.GetValueOrDefault(root) == place) return;
            Write(content with { Places = new(content.Places, StringComparer.Ordinal) { [root] = place } });
        }
    }

    /// <summary>Creates the file when it is missing, and adds the places that the ledger knows.</summary>
    /// <param name="rows">The ledger's places.</param>
    /// <param name="rowsWin">Whether the ledger's places are newer, because another machine may have written them.</param>
    /// <param name="isIncomplete">Whether the ledger replaced a lost one and therefore may not know every place.</param>
    /// <exception cref="FailureException">The file cannot be read or written.</exception>
    public void TakeIn(IReadOnlyList<(string Root, RecordedPlace Place)> rows, bool rowsWin, bool isIncomplete)
    {
        lock (Gate)
        {
            _content = null;
            var before = Loaded();
            var places = new SortedDictionary<string, RecordedPlace>(before?.Places ?? [], StringComparer.Ordinal);
            var isNew = before is null;
            foreach (var (root, place) in rows)
            {
                if (places.TryGetValue(root, out var known) && (known == place || !rowsWin)) continue;
                places[root] = place;
                isNew = true;
            }

            if (isNew) Write(new Content(before?.KnowsAll ?? !isIncomplete, places) { Again = before?.Again });
        }
    }

    // An unparsable file counts as missing.
    private Content? Loaded()
    {
        if (_content is not null) return _content;
        try
        {
            if (!File.Exists(_path)
                || JsonSerializer.Deserialize(File.ReadAllBytes(_path), PlacesJson.Default.Content) is not { Places: { } places } read)
                return null;
            return places.Values.All(place => place is { Marker: not null, FileSystem: not null }) ? _content = read : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "read", _path), e);
        }
    }

    private void Write(Content content)
    {
        try
        {
            Directory.CreateDirectory(workDir);
            using var root = SafeRoot.Open(workDir);
            using var folder = root.OpenFolder(null, create: false);
            using (var file = folder.CreateNew(Beside))
            {
                RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(content, PlacesJson.Default.Content), 0);
                OpenFiles.Fsync(file);
            }

            folder.Rename(Beside, FileName, replace: true);
            folder.Fsync();
            _content = content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "write", _path), e);
        }
    }

    private sealed record Content(bool KnowsAll, SortedDictionary<string, RecordedPlace> Places)
    {
        // A release that does not know this property drops it, and trusts the recorded copies as it always did.
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public SortedSet<string>? Again { get; init; }
    }

    // Source-generated: reflection-based serialization is unavailable in the AOT-compiled program.
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(Content))]
    private sealed partial class PlacesJson : JsonSerializerContext;
}
