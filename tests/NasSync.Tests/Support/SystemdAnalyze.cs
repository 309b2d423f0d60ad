using System.Diagnostics;
using System.Globalization;

namespace NasSync.Tests.Support;

/// <summary><c>systemd-analyze</c>, which judges units without a systemd that runs.</summary>
internal static class SystemdAnalyze
{
    /// <summary>What it finds wrong with a unit; empty when nothing is.</summary>
    public static string Verify(string file)
    {
        // Man pages need not be installed here.
        var (code, output) = Run("verify", "--man=no", file);
        return code == 0 && output.Length == 0 ? "" : $"{output}(exit code {code})";
    }

    /// <summary>How much a service is exposed, from 0 to 10.</summary>
    public static double Exposure(string file)
    {
        var line = Run("security", "--offline=true", "--no-pager", file).Output.Split('\n').Single(text => text.Contains("Overall exposure level", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>The system calls of a set such as <c>@system-service</c>, with those of the sets in it.</summary>
    public static HashSet<string> Calls(string set)
    {
        var calls = new HashSet<string>();
        foreach (var word in Run("syscall-filter", "--no-pager", set).Output.Split('\n').Skip(1).Select(line => line.Trim()).Where(word => word.Length > 0 && word[0] != '#'))
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
