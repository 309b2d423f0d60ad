namespace NasSync.PowerShell.Pipeline;

/// <summary>A file being transferred to one place, and its rate.</summary>
internal sealed class MovingFile(PlanItem item, TimeProvider time)
{
    /// <summary>The timestamp of the clock when it was first seen.</summary>
    public long Begun { get; } = time.GetTimestamp();

    /// <summary>Bytes transferred so far.</summary>
    public long Bytes { get; set; }

    /// <summary>Its progress line, headed with the destination.</summary>
    public ProgressLine Line() =>
        ProgressMath.Line(Path.GetFileName(item.Artifact.Path), Bytes, item.BytesToSend, time.GetElapsedTime(Begun)) with
        {
            Heading = $"to {item.Target?.Destination ?? "nowhere"}",
        };
}
