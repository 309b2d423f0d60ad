namespace NasSync.Service.Output;

/// <summary>Shows a run: as a table of what was done, as a table of what would be done, or as JSON lines.</summary>
internal interface IRunOutput
{
    /// <summary>Shows the next event; after <see cref="TransferEvent.Finished"/> everything is written.</summary>
    void Show(TransferEvent transferEvent);
}
