namespace NasSync.PowerShell.Pipeline;

/// <summary>A file on its way to one place, and how fast it goes.</summary>
internal sealed class MovingFile(PlanItem item, TimeProvider time)
{
    /// <summary>When it was first seen, by the clock's own count.</summary>
    public long Begun { get; } = time.GetTimestamp();

    /// <summary>Bytes that have moved.</summary>
    public long Bytes { get; set; }

    /// <summary>Its line, headed with the destination.</summary>
    public ProgressLine Line() =>
        ProgressMath.Line(Path.GetFileName(item.Artifact.Path), Bytes, item.BytesToSend, time.GetElapsedTime(Begun)) with { Heading = $"to {item.Target?.Destination ?? "nowhere"}" };
}
