namespace NasSync.Service.Output;

/// <summary>Shows a verification: as a table of what is not as it should be, or as JSON lines.</summary>
internal interface IVerifyOutput
{
    /// <summary>Takes the next event; after <see cref="VerifyEvent.Finished"/> all is written.</summary>
    /// <param name="verifyEvent">The event.</param>
    /// <param name="planFile">The repair plan's file; null when none is written.</param>
    /// <param name="planned">Copies in it so far.</param>
    void Show(VerifyEvent verifyEvent, string? planFile, int planned);
}
