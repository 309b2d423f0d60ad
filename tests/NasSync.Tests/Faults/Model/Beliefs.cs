namespace NasSync.Tests.Faults.Model;

/// <summary>An artifact of a job.</summary>
internal readonly record struct SourceName(string JobId, string Artifact)
{
    public override string ToString() => $"{JobId}/{Artifact}";
}

/// <summary>What a look at the places and the ledger showed.</summary>
/// <param name="Files">SHA-256 by place and path: <c>vault:films/film.mkv</c>.</param>
/// <param name="Rows">The ledger's rows, each with where its target is, in the same words.</param>
internal sealed record Look(IReadOnlyDictionary<string, string> Files, IReadOnlyList<(RecordedCopy Row, string Path)> Rows);

/// <summary>
/// What must hold, kept apart from all that the program itself remembers: which content each source has and ever had, who may change what
/// stands at a place, and what people did there. It touches no file.
/// </summary>
internal sealed class Beliefs
{
    private readonly Dictionary<SourceName, string> _sources = [];
    private readonly Dictionary<SourceName, HashSet<string>> _contents = [];
    private readonly Dictionary<string, HashSet<SourceName>> _owners = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    /// <summary>The sources that are there, with their hashes.</summary>
    public IReadOnlyDictionary<SourceName, string> Sources => _sources;

    /// <summary>The files at the places, by place and path, sorted.</summary>
    public IReadOnlyList<string> Files => [.. _files.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A server may do later what a run asked of it that is gone: then with a content that a source had.</summary>
    public bool MayComeLate { get; set; }

    /// <summary>A content is shown by this name in messages.</summary>
    public void Call(string sha256, string label) => _labels[sha256] = label;

    /// <summary>A producer wrote a source.</summary>
    public void Written(SourceName source, string sha256)
    {
        _sources[source] = sha256;
        if (!_contents.TryGetValue(source, out var contents)) _contents[source] = contents = new(StringComparer.Ordinal);
        contents.Add(sha256);
    }

    /// <summary>A source is gone: the producer removed it, or it was released.</summary>
    public void Removed(SourceName source) => _sources.Remove(source);

    /// <summary>Someone who is no job put a file there, or changed one: it is nobody's to replace from now on.</summary>
    public void Put(string path, string sha256)
    {
        _files[path] = sha256;
        _owners.Remove(path);
        _touched.Add(path);
    }

    /// <summary>Someone took a file away.</summary>
    public void Deleted(string path)
    {
        _files.Remove(path);
        _owners.Remove(path);
        _touched.Add(path);
    }

    /// <summary>Whether someone changed or removed what stood there since it was written.</summary>
    public bool IsTouched(string path) => _touched.Contains(path);

    /// <summary>After any run, whole or broken off: no foreign file was changed, nothing of a run was lost, nothing partial has a final name.</summary>
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

    /// <summary>The ledger claims no more than the places hold.</summary>
    /// <param name="look">What was seen.</param>
    /// <param name="wasWhole">The run before went to its end without a fault; else what was written may not be recorded yet.</param>
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
                // What was only found there stays whose it was.
                if (!row.IsAdopted) _owners[path] = [source];
                _touched.Remove(path);
            }
            else if (!_touched.Contains(path))
                Require(
                    !wasWhole && found is not null && _contents[source].Contains(found) && _owners[path].Contains(source),
                    $"{path} is recorded with {Name(recorded)} of {source} and holds {(found is null ? "nothing" : Name(found))}");
        }
    }

    /// <summary>After a run that went to its end: every source stands at every place, and is recorded with what it is now.</summary>
    /// <param name="look">What was seen.</param>
    /// <param name="places">The places' names.</param>
    /// <param name="isForced">The run looked at every target, so that what people did to copies is made good.</param>
    public void RequireArrived(Look look, IReadOnlyList<string> places, bool isForced)
    {
        foreach (var (source, sha256) in _sources)
            foreach (var place in places)
            {
                var (row, path) = look.Rows.SingleOrDefault(row => !row.Row.IsFormer && row.Row.JobId == source.JobId && row.Row.Artifact == source.Artifact && row.Row.Target.Destination == place);
                Require(row is { SupersededBy: null }, $"{source} is {(row is null ? "not recorded" : $"recorded as replaced by {row.SupersededBy}")} at {place}");
                Require(row!.Receipt.Sha256 == sha256, $"{source} is {Name(sha256)} and recorded at {place} as {Name(row.Receipt.Sha256!)}");
                Require((!isForced && _touched.Contains(path)) || look.Files.GetValueOrDefault(path) == sha256, $"{source} is recorded at {path} and not there");
            }
    }

    /// <summary>A source that is not there any more was released: every copy of it stands and is recorded.</summary>
    public void RequireReleased(SourceName source, bool mayBe, Look look, IReadOnlyList<string> places)
    {
        var sha256 = _sources[source];
        Require(mayBe, $"{source} is gone, although its route keeps it");
        foreach (var place in places)
            Require(
                look.Rows.Any(row => row.Row.JobId == source.JobId && row.Row.Artifact == source.Artifact && row.Row.Target.Destination == place && row.Row.SupersededBy is null && !row.Row.IsAdopted
                    && row.Row.Receipt.Sha256 == sha256 && look.Files.GetValueOrDefault(row.Path) == sha256),
                $"{source} ({Name(sha256)}) was released without a recorded copy at {place}");
        Removed(source);
    }

    /// <summary>What the files of a content are called in messages.</summary>
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
