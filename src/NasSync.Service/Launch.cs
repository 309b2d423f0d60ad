using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using NasSync.Files;
using NasSync.Service.Output;

namespace NasSync.Service;

/// <summary>The program as the system starts it: arguments, environment, terminal and signals.</summary>
internal static class Launch
{
    /// <summary>Runs the program to its end.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        // The standard streams come first, before anything else is opened.
        var (standardOutput, standardError) = StandardStream.Open();
        var output = new LossyStream(standardOutput, StandardStream.IsClosedPipe);

        using var stop = new CancellationTokenSource();
        Action? hear = null;
        var isBeforeWork = false;

        // Installers and scripts query the version, so it is answered before anything else is loaded.
        if (args is ["--version"])
        {
            output.Write(Encoding.UTF8.GetBytes(NassyncVersion.Text + "\n"));
            if (output.Lost is null || StandardStream.IsClosedPipe(output.Lost)) return (int)ExitCode.Ok;
            RealShell().Warn($"Standard output was lost ({output.Lost.Message.TrimEnd('.')}).");
            return (int)ExitCode.Unexpected;
        }

        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        // SIGHUP: a lost SSH session or a closed terminal.
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp);
        return await NassyncApp.RunAsync(args, RealShell(), stop.Token);

        // Without a terminal there is none to close, so the signal is a request to reload.
        void OnHangUp(PosixSignalContext signal)
        {
            if (hear is not { } told || !Console.IsInputRedirected)
            {
                OnSignal(signal);
                return;
            }

            signal.Cancel = true;
            told();
        }

        // The first signal stops gracefully, the second at once: a person who asks twice does not want to wait.
        void OnSignal(PosixSignalContext signal)
        {
            if (stop.IsCancellationRequested || isBeforeWork) Environment.Exit((int)ExitCode.Stopped);
            signal.Cancel = true;
            stop.Cancel();
        }

        Shell RealShell()
        {
            var environment = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
            foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
                environment[(string)variable.Key] = (string?)variable.Value ?? "";
            return new Shell(Writer(output, Console.IsOutputRedirected, () => Console.Out),
                Writer(new LossyStream(standardError, StandardStream.IsClosedPipe), Console.IsErrorRedirected, () => Console.Error))
            {
                Stream = output,
                Environment = environment,
                CurrentFolder = Environment.CurrentDirectory,
                Width = Console.IsOutputRedirected ? null : TerminalWidth(),
                ErrorWidth = Console.IsErrorRedirected ? null : TerminalWidth(),
                BeforeWork = () =>
                {
                    Volatile.Write(ref isBeforeWork, true);
                    return new OnDispose(() => Volatile.Write(ref isBeforeWork, false));
                },
                HangUps = told =>
                {
                    hear = told;
                    return new OnDispose(() => hear = null);
                },
                Colours = !Console.IsOutputRedirected && !environment.ContainsKey("NO_COLOR") && environment.GetValueOrDefault("TERM") != "dumb",
            };
        }

        // UTF-8 regardless of the locale: JSON is UTF-8, and a file name must not turn into question marks. Only Windows' own console needs its own
        // encoding.
        static TextWriter Writer(Stream stream, bool redirected, Func<TextWriter> console) =>
            OperatingSystem.IsWindows() && !redirected
                ? console()
                : new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 64 * 1024) { AutoFlush = true };

        static int? TerminalWidth()
        {
            try
            {
                return Console.WindowWidth is > 0 and var width ? width : null;
            }
            catch (IOException)
            {
                return null; // the terminal does not report its width
            }
        }
    }

    private sealed class OnDispose(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
