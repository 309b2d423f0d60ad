using System.Text.Json;
using System.Text.Json.Serialization;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Ledgers;

/// <summary>
/// How folders are known again, in a file beside the ledger: a power cut that takes the ledger and the mount of a NAS at once must not make the empty
/// folder below the mount a new place. It is replaced in one step, and durable when a call returns. Safe to call from several threads, also by
/// several ledgers of one process; other processes are kept away by the <see cref="WorkLock"/>.
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

    /// <summary>Whether a work folder has one: then a ledger was there too.</summary>
    public static bool IsIn(string workDir) => File.Exists(Path.Combine(workDir, FileName));

    /// <summary>
    /// Whether every folder that was ever copied to stands in it. False where it was made after a ledger was lost: then nobody knows which there
    /// were.
    /// </summary>
    public bool KnowsAll
    {
        get
        {
            lock (Gate) return Loaded()?.KnowsAll ?? true;
        }
    }

    /// <summary>What is known of the folder at a root; null when nothing is.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public RecordedPlace? Find(string root)
    {
        lock (Gate) return Loaded()?.Places.GetValueOrDefault(root);
    }

    /// <summary>The folders of which something is known, in the order of their paths.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public IReadOnlyList<string> Roots
    {
        get
        {
            lock (Gate) return [.. (Loaded()?.Places ?? []).Where(entry => entry.Value != RecordedPlace.Accepted).Select(entry => entry.Key)];
        }
    }

    /// <summary>Whether a place was accepted as it is, and no run has looked since at all that is said to be there.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    public bool LooksAgain
    {
        get
        {
            lock (Gate) return Loaded() is { Again.Count: > 0 };
        }
    }

    /// <summary>Lets the next whole run look at the copies in a place, whatever the ledger says of them.</summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public void LookAgain(string root)
    {
        lock (Gate)
        {
            _content = null;
            var content = Loaded() ?? new Content(true, []);
            if (content.Again?.Contains(root) != true) Write(content with { Again = [.. content.Again ?? [], root] });
        }
    }

    /// <summary>Says that a whole run has looked.</summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public void LookedAgain()
    {
        lock (Gate)
        {
            _content = null;
            if (Loaded() is { Again: not null } content) Write(content with { Again = null });
        }
    }

    /// <summary>Keeps how a folder is known again.</summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public void Set(string root, RecordedPlace place)
    {
        lock (Gate)
        {
            _content = null;
            var content = Loaded() ?? new Content(true, []);
            if (content.Places.GetValueOrDefault(root) == place) return;
            Write(content with { Places = new(content.Places, StringComparer.Ordinal) { [root] = place } });
        }
    }

    /// <summary>Makes the file where there is none, and takes in what the ledger knows.</summary>
    /// <param name="rows">The ledger's places.</param>
    /// <param name="rowsWin">What the ledger says is the newer: another machine may have written it.</param>
    /// <param name="isRebuilding">The ledger took the place of one that was lost, so that it knows of no place.</param>
    /// <exception cref="FailureException">The file cannot be read or written.</exception>
    public void TakeIn(IReadOnlyList<(string Root, RecordedPlace Place)> rows, bool rowsWin, bool isRebuilding)
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

            if (isNew) Write(new Content(before?.KnowsAll ?? !isRebuilding, places) { Again = before?.Again });
        }
    }

    // One that cannot be understood is as good as none.
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
        // A release that does not know it loses it, and takes the ledger's word as it did before.
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public SortedSet<string>? Again { get; init; }
    }

    // Compiled readers and writers: a program that was compiled ahead can make none.
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(Content))]
    private sealed partial class PlacesJson : JsonSerializerContext;
}
