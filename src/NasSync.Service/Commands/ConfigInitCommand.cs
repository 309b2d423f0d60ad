using System.CommandLine;
using NasSync.Config;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary>
/// <c>nassync config init</c>: writes a commented configuration to start from. An existing file stays, unless <c>--force</c> is given.
/// </summary>
internal static class ConfigInitCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "The file to write. Default: --config's FILE, otherwise nas-sync.yaml.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var force = new Option<bool>("--force") { Description = "Replace an existing file." };
        var command = new Command("init", "Write a commented configuration to begin with.") { file, force };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is { } named && globals.Given(result) is { } given && shell.FullPath(named) != shell.FullPath(given))
                result.AddError($"FILE and --config name two files, '{named}' and '{given}': give one of them.");
        });
        command.SetAction(parsed =>
        {
            var named = parsed.GetValue(file) ?? globals.Given(parsed.CommandResult) ?? Default;
            return (int)Write(shell, shell.FullPath(named), parsed.GetValue(force), globals.Json(parsed));
        });
        return command;
    }

    private const string Default = "nas-sync.yaml";

    private static ExitCode Write(Shell shell, string file, bool force, bool json)
    {
        try
        {
            NamedFile.RequireNoSpecial(file);

            // CreateNew checks and creates in one step, so a file that appears meanwhile is not replaced either.
            using var stream = new FileStream(file, force ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
            stream.Write(System.Text.Encoding.UTF8.GetBytes(ConfigTemplate.Yaml()));
        }
        catch (IOException) when (!force && Path.Exists(file))
        {
            throw new FailureException(CommandFailure.FileExists(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.NotWritable(file, e), e);
        }

        if (json) JsonLines.Write(shell.Out, "created", writer => writer.WriteString("file", file));
        else shell.Out.WriteLine(SafeText.Show($"wrote {file}; edit it, then run: nassync config check --config {ProgramWords.Quoted(file)}"));
        return ExitCode.Ok;
    }
}
