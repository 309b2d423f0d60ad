using System.Diagnostics;
using System.Globalization;

namespace NasSync.Tests.Support;

/// <summary>Runs <c>systemd-analyze</c>, which checks units without a running systemd.</summary>
internal static class SystemdAnalyze
{
    /// <summary>The problems of a unit; empty when there are none.</summary>
    public static string Verify(string file)
    {
        // Without --man=no, missing man pages would be reported.
        var (code, output) = Run("verify", "--man=no", file);
        return code == 0 && output.Length == 0 ? "" : $"{output}(exit code {code})";
    }

    /// <summary>A service's exposure, from 0 (confined) to 10.</summary>
    public static double Exposure(string file)
    {
        var line = Run("security", "--offline=true", "--no-pager", file).Output
            .Split('\n')
            .Single(text => text.Contains("Overall exposure level", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>The system calls of a set such as <c>@system-service</c>, including those of nested sets.</summary>
    public static HashSet<string> Calls(string set)
    {
        var calls = new HashSet<string>();
        foreach (var word in Run("syscall-filter", "--no-pager", set).Output.Split('\n').Skip(1).Select(line => line.Trim())
            .Where(word => word.Length > 0 && word[0] != '#'))
        {
            if (word[0] == '@') calls.UnionWith(Calls(word));
            else calls.Add(word);
        }

        return calls;
    }

    private static (int Code, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
