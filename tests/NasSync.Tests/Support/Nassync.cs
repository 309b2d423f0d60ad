using System.Diagnostics;
using System.Text.Json;

namespace NasSync.Tests.Support;

/// <summary>The program <c>nassync</c>, run in a process of its own as a user would.</summary>
internal sealed record Nassync(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as one JSON object per line.</summary>
    public IReadOnlyList<JsonElement> Lines => [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    /// <summary>The lines of one event.</summary>
    public IReadOnlyList<JsonElement> Of(string name) => [.. Lines.Where(line => line.GetProperty("event").GetString() == name)];

    /// <summary>Runs it to its end, without any setting from this process's environment.</summary>
    public static async Task<Nassync> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath! : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("NAS_", StringComparison.Ordinal) || name == "OUTPUTS_DIR").ToList())
            start.Environment.Remove(name);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "nassync.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, output, await error);
    }
}
