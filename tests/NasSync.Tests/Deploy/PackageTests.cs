using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.Deploy;

public sealed class PackageTests
{
    private static readonly string[] Sources = ["build.ps1", "Directory.Build.props", "deploy", "module", "src", ".ci"];

    [Fact]
    public void The_version_stands_in_the_module_s_manifest_and_nowhere_else()
    {
        var version =
            Regex.Match(File.ReadAllText(Repository.At("NasSync.psd1")), @"(?m)^\s*ModuleVersion = '([0-9]+\.[0-9]+\.[0-9]+)'").Groups[1].Value;
        Assert.NotEqual("", version);
        var files = Sources.SelectMany(Files)
            .Where(file => Path.GetExtension(file) is ".ps1" or ".psm1" or ".props" or ".csproj" or ".md" or ".service" or ".yaml" or "")
            .ToList();
        Assert.Contains(Repository.At("deploy/Dockerfile"), files);
        Assert.Contains(Repository.At(".ci/run"), files);
        Assert.All(files, file => Assert.DoesNotMatch($@"(?<![0-9.]){Regex.Escape(version)}(?![0-9.])", File.ReadAllText(file)));
    }

    [Fact]
    public void The_page_in_the_archives_names_what_the_image_installs()
    {
        var installed = Regex.Match(File.ReadAllText(Repository.At("deploy/Dockerfile")), "--no-install-recommends (.*) ").Groups[1].Value
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("openssh-client", installed);
        var page = File.ReadAllText(Repository.At("deploy/package.md"));
        Assert.All(installed, package => Assert.Contains(package, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_command_on_the_page_in_the_archives_is_one()
    {
        var commands = Regex.Matches(File.ReadAllText(Repository.At("deploy/package.md")), "(?m)(?:^    |`)nassync ([a-z][a-z ]*[a-z])")
            .Select(match => match.Groups[1].Value)
            .Distinct()
            .ToList();
        Assert.Contains("config init", commands);
        foreach (var command in commands)
        {
            using var cli = new Cli();
            Assert.Equal((command, ExitCode.Ok), (command, await cli.RunAsync([.. command.Split(' '), "--help"])));
        }
    }

    private static IEnumerable<string> Files(string name) => File.Exists(Repository.At(name))
        ? [Repository.At(name)]
        : Directory.EnumerateFiles(Repository.At(name), "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
}
