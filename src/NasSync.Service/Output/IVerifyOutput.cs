namespace NasSync.Service.Output;

/// <summary>Shows a verification: as a table of the copies that are not intact, or as JSON lines.</summary>
internal interface IVerifyOutput
{
    /// <summary>Shows the next event; after <see cref="VerifyEvent.Finished"/> everything is written.</summary>
    /// <param name="verifyEvent">The event.</param>
    /// <param name="planFile">The repair plan's file; null when none is written.</param>
    /// <param name="planned">Number of copies in it so far.</param>
    void Show(VerifyEvent verifyEvent, string? planFile, int planned);
}
