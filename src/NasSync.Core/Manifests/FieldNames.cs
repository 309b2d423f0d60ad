namespace NasSync.Manifests;

/// <summary>The names seen so far in the open objects. Readers disagree about the value of a name that is given twice.</summary>
internal sealed class FieldNames
{
    // A set grows with its object and never shrinks; clearing a large one for each of many small objects would take forever.
    private const int KeepUpTo = 64;

    private readonly List<HashSet<string>> _sets = [];
    private int _open;

    /// <summary>How many names are held.</summary>
    public int Count { get; private set; }

    public void Enter()
    {
        if (_sets.Count == _open) _sets.Add([]);
        _open++;
    }

    /// <summary>False when the innermost object has the name already.</summary>
    public bool Add(string name)
    {
        Count++;
        return _sets[_open - 1].Add(name);
    }

    public void Leave()
    {
        _open--;
        Count -= _sets[_open].Count;
        if (_sets[_open].Count > KeepUpTo) _sets[_open] = [];
        else _sets[_open].Clear();
    }
}
