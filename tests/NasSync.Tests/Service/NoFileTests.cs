using System.Diagnostics;
using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

/// <summary>Pipes, devices and sockets where a file is meant: none of them is waited for.</summary>
public sealed class NoFileTests : IDisposable
{
    private readonly Cli _cli = new();

    public NoFileTests()
    {
        _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio").Write();
    }

    public void Dispose() => _cli.Dispose();

    [RequiresFact("linux", "mkfifo")]
    public async Task A_pipe_or_a_device_as_configuration_is_refused()
    {
        foreach (var file in (string[])[Fifo("pipe"), "/dev/zero", "/dev/tty0"])
        {
            // Only root may read the console.
            if (!File.Exists(file) || (file == "/dev/tty0" && !Environment.IsPrivilegedProcess)) continue;
            Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("sync", "--config", file));
            Assert.Contains($"'{file}' is no file but a pipe, a socket or a device.", _cli.Error);
        }
    }

    [RequiresFact("linux", "bash")]
    public async Task What_a_shell_hands_over_is_read_and_its_paths_count_from_the_current_folder()
    {
        var program = string.Join(' ', Nassync.Command.Select(word => $"'{word}'"));
        foreach (var words in (string[])[
            "--config <(cat nas-sync.yaml)",
            "--config /dev/stdin < nas-sync.yaml",
            "--config /dev/stdin < <(cat nas-sync.yaml)",
        ])
        {
            using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"{program} config show {words}"])
            {
                RedirectStandardOutput = true,
                WorkingDirectory = _cli.Folder.Path,
            })!;
            Assert.Contains($"workDir: {_cli.Folder["work"]}", await shell.StandardOutput.ReadToEndAsync());
            await shell.WaitForExitAsync();
            Assert.Equal(0, shell.ExitCode);
        }
    }

    [RequiresFact("linux", "bash")]
    public async Task A_stream_without_end_as_configuration_is_given_up()
    {
        var program = string.Join(' ', Nassync.Command.Select(word => $"'{word}'"));
        using var shell =
            Process.Start(new ProcessStartInfo("bash", ["-c", $"{program} config check --config <(yes)"]) { RedirectStandardOutput = true })!;
        Assert.Contains("larger than 1 MiB", await shell.StandardOutput.ReadToEndAsync());
        await shell.WaitForExitAsync();
        Assert.Equal((int)ExitCode.ConfigInvalid, shell.ExitCode);
    }

    [RequiresFact("linux")]
    public async Task A_signal_ends_the_program_while_it_waits_for_its_configuration()
    {
        var start = new ProcessStartInfo(Nassync.Command[0], [.. Nassync.Command[1..], "sync", "--config", "/dev/stdin"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using var program = Process.Start(start)!;

        // The whole file is read before anything is said, so nothing tells from outside that it waits; a signal is heeded whenever it comes.
        while (!program.HasExited)
        {
            Signal.Send("TERM", program.Id);
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await program.WaitForExitAsync(soon.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        Assert.Contains(program.ExitCode, (int[])[(int)ExitCode.Stopped, 128 + 15]);
    }

    [RequiresFact("linux", "mkfifo")]
    public async Task A_log_that_is_a_pipe_nobody_reads_costs_a_warning()
    {
        _cli.WriteConfig($"  logFile: {Fifo("log")}");
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Contains("is a pipe that nobody reads", _cli.Error);
        Assert.Single(_cli.Folder.Files("nas/Audio"));
    }

    [RequiresFact("linux", "mkfifo")]
    public async Task A_pipe_with_the_name_of_a_file_of_the_work_folder_is_refused_by_who_writes_and_who_reads()
    {
        string[] names =
            [WorkLock.FileName, "lock.holder", Ledger.FileName, UnrecordedCopies.FileName, "places.json", "ledger.shared", "ledger.db.suspect"];
        foreach (var name in names)
        {
            Directory.CreateDirectory(_cli.Folder["work"]);
            Fifo($"work/{name}");
            Assert.NotEqual(ExitCode.Ok, await _cli.RunAsync("sync"));
            Assert.Contains("[WorkDirNotOurs]", _cli.Error);
            Assert.NotEqual(ExitCode.Ok, await _cli.RunAsync("status"));
            Assert.Contains("[WorkDirNotOurs]", _cli.Error);
            Directory.Delete(_cli.Folder["work"], recursive: true);
        }
    }

    [RequiresFact("linux", "mkfifo")]
    public async Task Every_other_file_that_a_command_names_is_refused_when_it_is_a_pipe()
    {
        var pipe = Fifo("pipe");
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sync", "--repair", pipe));
        Assert.Contains("pipe", _cli.Error);
        Assert.NotEqual(ExitCode.Ok, await _cli.RunAsync("verify", "--plan", pipe));
        Assert.NotEqual(ExitCode.Ok, await _cli.RunAsync("config", "init", pipe, "--force"));
        Assert.Contains("is no file but a pipe", _cli.Error);
        Assert.NotEqual(ExitCode.Ok, await _cli.RunAsync("sync", pipe));
    }

    [RequiresFact("linux", "mkfifo", "ssh")]
    public async Task A_secret_or_a_key_that_is_a_pipe_is_refused_before_anyone_waits_for_it()
    {
        _cli.WriteConfig($"""
              destinations:
                cloud: [type: s3]
                far: [type: sftp]
            """.Replace("[type: s3]", $"{{ type: s3, bucket: bucket, endpoint: \"http://127.0.0.1:9\", region: r, accessKeyId: "
                + $"\"file:{Fifo("secret")}\", secretAccessKey: env:X }}", StringComparison.Ordinal)
            .Replace("[type: sftp]", $"{{ type: sftp, host: 127.0.0.1, root: /x, identityFile: {Fifo("key")} }}", StringComparison.Ordinal));
        Assert.NotEqual(ExitCode.Ok, await _cli.RunAsync("destination", "test", "cloud"));
        Assert.Contains("is a pipe, a socket or a device", _cli.Error);
        Assert.NotEqual(ExitCode.Ok, await _cli.RunAsync("destination", "test", "far"));
        Assert.Contains("[IdentityNotAFile]", _cli.Error);
    }

    private string Fifo(string name)
    {
        using var made = Process.Start("mkfifo", [_cli.Folder[name]]);
        made.WaitForExit();
        return _cli.Folder[name];
    }
}
