namespace NasSync.Manifests;

/// <summary>The names seen so far in the open objects. Readers disagree about the value of a name that is given twice.</summary>
internal sealed class FieldNames
{
    // A set grows with its object and never shrinks; clearing a large one for each of many small objects would take forever.
    private const int KeepUpTo = 64;

    // So many names are compared one by one, which is less than to hash them.
    private const int Few = 8;

    private readonly List<Level> _levels = [];
    private int _open;

    /// <summary>How many names are held.</summary>
    public int Count { get; private set; }

    public void Enter()
    {
        if (_levels.Count == _open) _levels.Add(new Level());
        _open++;
    }

    /// <summary>False when the innermost object has the name already.</summary>
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
