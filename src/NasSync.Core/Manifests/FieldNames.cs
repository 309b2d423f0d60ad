namespace NasSync.Manifests;

/// <summary>
/// The field names seen so far in the open objects, to detect duplicates: JSON readers disagree about which value of a repeated name counts.
/// </summary>
internal sealed class FieldNames
{
    // A HashSet never shrinks, and clearing a large one once for each of many small objects would take forever.
    private const int KeepUpTo = 64;

    // Comparing this many names one by one costs less than hashing them.
    private const int Few = 8;

    private readonly List<Level> _levels = [];
    private int _open;

    /// <summary>The number of names in all open objects.</summary>
    public int Count { get; private set; }

    public void Enter()
    {
        if (_levels.Count == _open) _levels.Add(new Level());
        _open++;
    }

    /// <summary>Returns false when the innermost object already has the name.</summary>
    public bool Add(string name)
    {
        Count++;
        return _levels[_open - 1].Add(name);
    }

    public void Leave()
    {
        _open--;
        Count -= _levels[_open].Count;
        if (_levels[_open].Count > KeepUpTo) _levels[_open] = new Level();
        else _levels[_open].Clear();
    }

    private sealed class Level
    {
        private readonly string[] _few = new string[Few];
        private HashSet<string>? _all;

        public int Count { get; private set; }

        public bool Add(string name)
        {
            if (Count < Few)
            {
                if (_few.AsSpan(0, Count).Contains(name)) return false;
                _few[Count++] = name;
                return true;
            }

            _all ??= [];
            if (Count == Few) _all.UnionWith(_few);
            if (!_all.Add(name)) return false;
            Count++;
            return true;
        }

        public void Clear()
        {
            Count = 0;
            _all?.Clear();
        }
    }
}
