using System.Text.Json;
using NasSync.Service;

namespace NasSync.Tests.Support;

/// <summary>Runs <c>nassync</c> in this process, in a separate folder, and captures its output.</summary>
internal sealed class Cli : IDisposable
{
    private readonly StringWriter _out = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    /// <summary>The folder it runs in.</summary>
    public TempFolder Folder { get; } = new();

    /// <summary>The variables that the command sees; it does not see those of this process.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The terminal's width in columns; null stands for a pipe.</summary>
    public int? Width { get; init; }

    /// <summary>The clock; null stands for the system's.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>What the last run wrote to standard output.</summary>
    public string Out { get; private set; } = "";

    /// <summary>What the last run wrote to standard error.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Standard output's lines.</summary>
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines of standard output as JSON; a line that is not JSON fails the test.</summary>
    public IReadOnlyList<JsonElement> Json => [.. Lines.Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>A shell whose output is captured here.</summary>
    public Shell Shell =>
        new(_out, _error) { Environment = Environment, CurrentFolder = Folder.Path, Width = Width, Time = Time ?? TimeProvider.System };

    /// <summary>Runs one command line.</summary>
    public async Task<ExitCode> RunAsync(string[] args, CancellationToken stop = default)
    {
        _out.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        var exitCode = (ExitCode)await NassyncApp.RunAsync(args, Shell, stop);
        (Out, Error) = (_out.ToString(), _error.ToString());
        return exitCode;
    }

    /// <inheritdoc cref="RunAsync(string[], CancellationToken)"/>
    public Task<ExitCode> RunAsync(params string[] args) => RunAsync(args, CancellationToken.None);

    /// <summary>The output so far of code that uses <see cref="Shell"/>.</summary>
    public string Written => _out.ToString();

    /// <summary>Writes a configuration with one local root for all audio, and returns its path.</summary>
    public string WriteConfig(string more = "") => Folder.Write("nas-sync.yaml", $$"""
        nasSync:
          outputsDir: outputs
          workDir: work
          remoteRoots: { audio: nas }
          routes:
            - match: { kind: audio }
              to: "${remoteRoots.audio}/Audio"
        {{more}}
        """);

    /// <summary>A job in the outputs folder.</summary>
    public SampleJob Job(string jobId = "job_1") => new(Folder["outputs"], jobId);

    /// <inheritdoc/>
    public void Dispose()
    {
        Folder.Dispose();
        _out.Dispose();
        _error.Dispose();
    }
}
