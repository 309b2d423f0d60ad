using System.Text;
using NasSync.Processes;

namespace NasSync.Installing;

/// <summary>What a short program of the system answered.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its error output.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    /// <summary>What it said about why it failed, on one line.</summary>
    public string Said
    {
        get
        {
            var text = Errors.Trim().Length > 0 ? Errors : Output;
            return string.Join(' ', text.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        }
    }

    /// <summary>Runs a program to its end; it gets no input.</summary>
    /// <exception cref="FailureException">There is no such program.</exception>
    public static async Task<ProgramResult> RunAsync(ChildCommand command, Encoding encoding, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await using var child = ChildProcess.Start(command, time);
            await child.Input.DisposeAsync().ConfigureAwait(false);
            using var reader = new StreamReader(child.Output, encoding);

            // The stream blocks whoever reads it; a stop ends the program, and with it the stream.
            var output = await Task.Run(reader.ReadToEnd, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
            var exitCode = await child.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new(exitCode, output, child.Errors);
        }
        catch (FileNotFoundException e)
        {
            throw new FailureException(
                new Failure(
                    FailureClass.Config,
                    "ProgramMissing",
                    $"The program {command.Program} is not on this machine.",
                    "Install it, or put its folder into the PATH."),
                e);
        }
    }
}
