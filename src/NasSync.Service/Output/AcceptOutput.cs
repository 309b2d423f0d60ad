namespace NasSync.Service.Output;

/// <summary>Shows that a folder was accepted, for people or as JSON lines.</summary>
internal static class AcceptOutput
{
    /// <summary>Shows it, and ends the output.</summary>
    /// <param name="shell">Where to.</param>
    /// <param name="json">JSON lines instead of text.</param>
    /// <param name="place">The folder, or a destination's name with its root.</param>
    /// <param name="then">What happens now, as a sentence.</param>
    public static ExitCode Show(Shell shell, bool json, string place, string then)
    {
        if (!json)
        {
            shell.Out.WriteLine(SafeText.Show(then));
            return ExitCode.Ok;
        }

        JsonLines.Write(shell.Out, "accepted", writer =>
        {
            writer.WriteString("place", place);
            writer.WriteString("then", then);
        });
        JsonLines.Write(shell.Out, "finished", writer => writer.WriteNumber("exitCode", (int)ExitCode.Ok));
        return ExitCode.Ok;
    }
}
