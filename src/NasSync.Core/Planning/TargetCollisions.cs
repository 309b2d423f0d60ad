namespace NasSync.Planning;

/// <summary>
/// Finds, before any byte is copied, artifacts of one manifest with conflicting targets: the same target, also under case folding or normalization,
/// or a file where another needs a folder.
/// </summary>
internal static class TargetCollisions
{
    private const int MostNamed = 5;

    /// <summary>The failure of each colliding wish; all wishes of a group fail, because none has precedence.</summary>
    public static IReadOnlyDictionary<Wish, Failure> Find(IReadOnlyList<Wish> wishes)
    {
        var failures = new Dictionary<Wish, Failure>(ReferenceEqualityComparer.Instance);
        var byKey = wishes.GroupBy(wish => wish.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        var inside = new Dictionary<string, List<Wish>>(StringComparer.Ordinal);
        foreach (var (key, group) in byKey)
        {
            if (group.Count > 1) AddAll(failures, group, SameTarget(group));
            foreach (var folder in Claims.Folders(key).Where(byKey.ContainsKey))
            {
                if (!inside.TryGetValue(folder, out var below)) inside[folder] = below = [];
                below.AddRange(group);
            }
        }

        foreach (var (key, below) in inside) AddAll(failures, [.. byKey[key], .. below], Inside(byKey[key][0], byKey[key], below));
        return failures;
    }

    private static void AddAll(Dictionary<Wish, Failure> failures, List<Wish> group, Failure failure)
    {
        foreach (var wish in group) failures.TryAdd(wish, failure);
    }

    private static Failure SameTarget(List<Wish> group)
    {
        var spellings = group.Select(wish => wish.Requested.Display).Distinct(StringComparer.Ordinal).ToList();
        var where = spellings.Count == 1
            ? $"the same target {spellings[0]}"
            : $"targets that many file systems take for one: {string.Join(", ", spellings.Take(MostNamed))}";
        return new(
            FailureClass.Conflict,
            "TargetCollision",
            $"Artifacts {Names(group)} of job '{group[0].Decision.JobId}' have {where}.",
            "Give the route a name that tells them apart (as: \"${name} (${variant})${ext}\"), or send them to different folders.");
    }

    private static Failure Inside(Wish file, List<Wish> files, List<Wish> below) => new(
        FailureClass.Conflict,
        "TargetInsideTarget",
        $"Artifact {Names(files)} of job '{file.Decision.JobId}' would be the file {file.Requested}, which {Names(below)} needs as a folder.",
        "Send them to different folders, or give one another name with `as:`, for example \"${name} (${variant})${ext}\".");

    private static string Names(List<Wish> group)
    {
        var names = group.Select(wish => $"'{wish.Artifact.Path}'").Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 1) return names[0];
        var last = names.Count > MostNamed ? $"{names.Count - MostNamed} more" : names[^1];
        return $"{string.Join(", ", names.Take(Math.Min(MostNamed, names.Count - 1)))} and {last}";
    }
}
