using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace NasSync.Tests.Support;

/// <summary>The result of running the program <c>nassync</c> in a separate process, as a user does.</summary>
internal sealed record Nassync(int ExitCode, string Out, string Error)
{
    // The program as built for users. The copy beside the tests lacks ASP.NET's assemblies, which the tests take from the framework.
    // NASSYNC_TEST_PROGRAM names another program, such as the one from a package, which is compiled to machine code.
    public static readonly string Program = Environment.GetEnvironmentVariable("NASSYNC_TEST_PROGRAM") ?? Repository.At(Path.Combine(
        "src/NasSync.Service/bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/', '\\')))!, "net10.0", "nassync.dll"));

    /// <summary>The <c>dotnet</c> whose runtime runs these tests. It need not be on the PATH, and another one there may be older.</summary>
    public static readonly string Host =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>The command that starts it.</summary>
    public static readonly string[] Command = Program.EndsWith(".dll", StringComparison.Ordinal) ? [Host, Program] : [Program];

    /// <summary>Standard output as one JSON object per line.</summary>
    public IReadOnlyList<JsonElement> Lines => [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    /// <summary>The lines of one event.</summary>
    public IReadOnlyList<JsonElement> Of(string name) => [.. Lines.Where(line => line.GetProperty("event").GetString() == name)];

    /// <summary>Runs it to its end, without any setting from this process's environment.</summary>
    public static Task<Nassync> RunAsync(params string[] arguments) => RunUnderAsync([], arguments);

    /// <summary>Runs it to its end under another program, such as strace with its options.</summary>
    public static async Task<Nassync> RunUnderAsync(string[] under, params string[] arguments)
    {
        using var process = StartUnder(under, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, output, await error);
    }

    /// <summary>Starts it for a test that ends it early.</summary>
    public static Process Start(params string[] arguments) => StartUnder([], arguments);

    /// <summary>Starts it under another program, such as env with variables.</summary>
    public static Process StartUnder(string[] under, string[] arguments)
    {
        string[] command = [.. OwnSignals.Words, .. under, .. Command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("NAS_", StringComparison.Ordinal) || name == "OUTPUTS_DIR")
            .ToList())
            start.Environment.Remove(name);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
