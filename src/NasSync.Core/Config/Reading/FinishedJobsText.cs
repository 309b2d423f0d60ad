namespace NasSync.Config.Reading;

/// <summary>Parses the action on finished jobs: <c>keep</c>, <c>remove</c> or <c>archive:PATH</c>.</summary>
internal static class FinishedJobsText
{
    public const string Pattern = "^(keep|remove|archive:.+)$";

    private const string Archive = "archive:";

    public static Func<string, Parsed<FinishedJobsPolicy>> Parse(PathResolver paths) => text =>
    {
        if (text.Equals("keep", StringComparison.OrdinalIgnoreCase)) return FinishedJobsPolicy.Keep;
        if (text.Equals("remove", StringComparison.OrdinalIgnoreCase)) return new FinishedJobsPolicy(FinishedJobsAction.Remove);
        if (!text.StartsWith(Archive, StringComparison.OrdinalIgnoreCase))
            return Parsed<FinishedJobsPolicy>.Wrong($"'{text}' says nothing about finished jobs; write keep, remove or archive:FOLDER.");
        var folder = paths.Full(text[Archive.Length..].Trim());
        return folder.Problem is null
            ? new FinishedJobsPolicy(FinishedJobsAction.Archive, folder.Value)
            : Parsed<FinishedJobsPolicy>.Wrong(folder.Problem);
    };
}
