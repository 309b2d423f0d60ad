using NasSync.Routing;

namespace NasSync.Planning;

/// <summary>The names a copy gets beside a file that keeps its own: <c>Song (job_123).m4a</c>, <c>Song (job_123 2).m4a</c>, ….</summary>
internal static class OwnNames
{
    /// <summary>How many of them count as names of the same copy where an earlier failure is compared with it.</summary>
    public const int Known = 9;

    private const int Most = 99;
    private const int LongestJobId = 100;

    /// <summary>The targets to try, in order.</summary>
    public static IEnumerable<Target> Beside(Target requested, string jobId)
    {
        var job = SafeName.Cut(SafeName.Part(jobId) ?? "job", LongestJobId);
        var extension = SafeName.Extension(requested.RelativePath.FileName);
        var stem = requested.RelativePath.FileName[..^extension.Length];
        for (var number = 1; number <= Most; number++)
        {
            var suffix = number == 1 ? $" ({job})" : $" ({job} {number})";
            yield return requested with
            {
                RelativePath = requested.RelativePath.WithFileName(SafeName.Defuse(SafeName.Fit(stem, suffix + extension))),
            };
        }
    }
}
