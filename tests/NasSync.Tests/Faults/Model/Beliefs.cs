namespace NasSync.Tests.Faults.Model;

/// <summary>An artifact of a job.</summary>
internal readonly record struct SourceName(string JobId, string Artifact)
{
    public override string ToString() => $"{JobId}/{Artifact}";
}

/// <summary>The state of the places and the ledger at one moment.</summary>
/// <param name="Files">SHA-256 by place and path: <c>vault:films/film.mkv</c>.</param>
/// <param name="Rows">The ledger's rows, each with the place and path of its target in the same form.</param>
internal sealed record Look(IReadOnlyDictionary<string, string> Files, IReadOnlyList<(RecordedCopy Row, string Path)> Rows);

/// <summary>
/// The model: what must be true, kept independently of the program's own records. It knows every content that a source has or had, which job owns
/// each file at a place, and what people changed there. It touches no file.
/// </summary>
internal sealed class Beliefs
{
    private readonly Dictionary<SourceName, string> _sources = [];
    private readonly Dictionary<SourceName, HashSet<string>> _contents = [];
    private readonly Dictionary<string, HashSet<SourceName>> _owners = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    /// <summary>The existing sources with their hashes.</summary>
    public IReadOnlyDictionary<SourceName, string> Sources => _sources;

    /// <summary>The files at the places, by place and path, sorted.</summary>
    public IReadOnlyList<string> Files => [.. _files.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// Whether a server may still carry out a request of a run that was killed. A file may then change late, to a content that a source had.
    /// </summary>
    public bool MayComeLate { get; set; }

    /// <summary>Gives a content a name for messages.</summary>
    public void Call(string sha256, string label) => _labels[sha256] = label;

    /// <summary>Notes that a producer wrote a source.</summary>
    public void Written(SourceName source, string sha256)
    {
        _sources[source] = sha256;
        if (!_contents.TryGetValue(source, out var contents)) _contents[source] = contents = new(StringComparer.Ordinal);
        contents.Add(sha256);
    }

    /// <summary>Notes that a source is gone: the producer removed it, or it was released.</summary>
    public void Removed(SourceName source) => _sources.Remove(source);

    /// <summary>Notes that a person put or changed a file at a place; from now on no job may replace it.</summary>
    public void Put(string path, string sha256)
    {
        _files[path] = sha256;
        _owners.Remove(path);
        _touched.Add(path);
    }

    /// <summary>Notes that a person deleted a file at a place.</summary>
    public void Deleted(string path)
    {
        _files.Remove(path);
        _owners.Remove(path);
        _touched.Add(path);
    }

    /// <summary>Whether a person changed or deleted the file since a run wrote it.</summary>
    public bool IsTouched(string path) => _touched.Contains(path);

    /// <summary>Must hold after any run, complete or not: no foreign file changed, no copy was lost, and no partial file has a final name.</summary>
    public void RequireNothingLost(Look look)
    {
        foreach (var path in Files)
        {
            var now = look.Files.GetValueOrDefault(path);
            Require(now is not null, $"{path} ({Name(_files[path])}) is gone");
            if (now == _files[path]) continue;
            var writers = Writers(now!).Where(writer => _owners.GetValueOrDefault(path)?.Contains(writer) == true).ToHashSet();
            Require(writers.Count > 0, $"{path} was {Name(_files[path])} of {Owners(path)} and is now {Name(now!)}");
            Claim(path, now!, writers);
        }

        foreach (var (path, sha256) in look.Files.Where(file => !_files.ContainsKey(file.Key)).ToList())
        {
            var writers = Writers(sha256).ToHashSet();
            Require(writers.Count > 0, $"{path} appeared with {Name(sha256)}, which is no source's content");
            Claim(path, sha256, writers);
        }
    }

    /// <summary>The ledger must not claim more than the places hold.</summary>
    /// <param name="look">The current state.</param>
    /// <param name="wasWhole">The last run completed without a fault; otherwise a written file may be missing in the ledger.</param>
    public void RequireTrueRows(Look look, bool wasWhole)
    {
        foreach (var (row, path) in look.Rows.Where(row => row.Row.SupersededBy is null))
        {
            var source = new SourceName(row.JobId, row.Artifact);
            var recorded = row.Receipt.Sha256!;
            Require(row.Receipt.VerifiedBy >= VerifiedBy.ReadBackCached, $"{path} is recorded as verified by {row.Receipt.VerifiedBy} alone");
            var found = look.Files.GetValueOrDefault(path);
            if (found == recorded)
            {
                // An adopted file keeps its owner.
                if (!row.IsAdopted) _owners[path] = [source];
                _touched.Remove(path);
            }
            else if (!_touched.Contains(path))
                Require(
                    !wasWhole && found is not null && _contents[source].Contains(found) && _owners[path].Contains(source),
                    $"{path} is recorded with {Name(recorded)} of {source} and holds {(found is null ? "nothing" : Name(found))}");
        }
    }

    /// <summary>Must hold after a complete run: every place has every source, and the ledger records its current content.</summary>
    /// <param name="look">The current state.</param>
    /// <param name="places">The places' names.</param>
    /// <param name="isForced">The run checked every target, so it repaired the copies that people had changed or deleted.</param>
    public void RequireArrived(Look look, IReadOnlyList<string> places, bool isForced)
    {
        foreach (var (source, sha256) in _sources)
            foreach (var place in places)
            {
                var (row, path) = look.Rows.SingleOrDefault(row =>
                    !row.Row.IsFormer && row.Row.JobId == source.JobId && row.Row.Artifact == source.Artifact && row.Row.Target.Destination == place);
                Require(
                    row is { SupersededBy: null },
                    $"{source} is {(row is null ? "not recorded" : $"recorded as replaced by {row.SupersededBy}")} at {place}");
                Require(row!.Receipt.Sha256 == sha256, $"{source} is {Name(sha256)} and recorded at {place} as {Name(row.Receipt.Sha256!)}");
                Require((!isForced && _touched.Contains(path))
                    || look.Files.GetValueOrDefault(path) == sha256, $"{source} is recorded at {path} and not there");
            }
    }

    /// <summary>If a source is gone because it was released, all its copies must exist and be recorded.</summary>
    public void RequireReleased(SourceName source, bool mayBe, Look look, IReadOnlyList<string> places)
    {
        var sha256 = _sources[source];
        Require(mayBe, $"{source} is gone, although its route keeps it");
        foreach (var place in places)
            Require(
                look.Rows.Any(row => row.Row.JobId == source.JobId && row.Row.Artifact == source.Artifact
                    && row.Row.Target.Destination == place && row.Row.SupersededBy is null && !row.Row.IsAdopted
                    && row.Row.Receipt.Sha256 == sha256 && look.Files.GetValueOrDefault(row.Path) == sha256),
                $"{source} ({Name(sha256)}) was released without a recorded copy at {place}");
        Removed(source);
    }

    /// <summary>The name of a content in messages.</summary>
    public string Name(string sha256) => _labels.GetValueOrDefault(sha256, sha256[..12]);

    private IEnumerable<SourceName> Writers(string sha256) => MayComeLate
        ? _contents.Where(source => source.Value.Contains(sha256)).Select(source => source.Key)
        : _sources.Where(source => source.Value == sha256).Select(source => source.Key);

    private void Claim(string path, string sha256, HashSet<SourceName> writers)
    {
        _files[path] = sha256;
        _owners[path] = writers;
        _touched.Remove(path);
    }

    private string Owners(string path) => _owners.TryGetValue(path, out var owners) ? string.Join(" or ", owners) : "someone else";

    private static void Require(bool holds, string otherwise) => Assert.True(holds, otherwise);
}
