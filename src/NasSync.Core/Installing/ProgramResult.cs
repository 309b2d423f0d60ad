using System.Text;
using NasSync.Processes;

namespace NasSync.Installing;

/// <summary>The result of a short system command.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its error output.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Its error message on one line; its output when there is none.</summary>
    public string Said
    {
        get
        {
            var text = Errors.Trim().Length > 0 ? Errors : Output;
            return string.Join(' ', text.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        }
    }

    /// <summary>Runs a program without input until it ends.</summary>
    /// <exception cref="FailureException">The program does not exist.</exception>
    public static async Task<ProgramResult> RunAsync(ChildCommand command, Encoding encoding, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await using var child = ChildProcess.Start(command, time);
            await child.Input.DisposeAsync().ConfigureAwait(false);
            using var reader = new StreamReader(child.Output, encoding);

            // Reading blocks, so it needs a thread of its own; cancellation disposes the child, which ends the program and its stream.
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
