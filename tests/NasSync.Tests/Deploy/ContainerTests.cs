using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NasSync.Tests.Support;

namespace NasSync.Tests.Deploy;

/// <summary>
/// What the container does, without one: the program as its account, with the variables of the compose file, in folders that stand for the volumes.
/// </summary>
public sealed class ContainerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RequiresFact("linux", "bash", "account")]
    public async Task With_the_variables_of_the_compose_file_it_watches_as_an_ordinary_account_and_the_health_check_sees_it()
    {
        var port = OwnPort.Next();
        var variables = Variables(port);
        foreach (var folder in new[] { "data/outputs", "data/logs", "data/nas-sync-work", "mnt/nas/Instrumentals", "mnt/nas/Videos" })
            _folder.MakeFolder(folder);
        new SampleJob(_folder["data/outputs"], "job_1").Add("sound.m4a", "audio", "instrumental").Add("film.mp4", "video", "source").Write();
        InstallProgram();
        if (Environment.IsPrivilegedProcess)
            await RunAsync(["chown", "-R", $"{OrdinaryAccount.Id}:{OrdinaryAccount.Id}", _folder["data"], _folder["mnt"]]);

        await using var daemon = new Daemon(
            Start([.. AsAccount(), "env", .. variables, Nassync.Host, _folder["opt/nassync.dll"], "watch", "--json"]));
        var done = await daemon.UntilDoneAsync("job_1");
        Assert.Equal(2, done.GetProperty("committed").GetInt32());
        Assert.Equal(["Instrumentals/Instrumental/sound.m4a", "Videos/film.mp4"], _folder.Files("mnt/nas").Select(file => file.Path));
        Assert.True(new FileInfo(_folder["data/logs/nas-sync.jsonl"]).Length > 0);

        using var http = new HttpClient();
        using var health = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz"));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Equal((0, "HTTP/1.1 200 OK\n"), await HealthAsync(variables));
        var withoutPort = await HealthAsync([.. variables, "NAS_METRICS_PORT=0"]);
        Assert.Equal(0, withoutPort.ExitCode);

        daemon.Signal("TERM");
        Assert.Equal(0, (await daemon.EndAsync()).ExitCode);
        Assert.NotEqual(0, (await HealthAsync(variables)).ExitCode);
    }

    [RequiresFact("linux", "bash")]
    public async Task The_health_check_does_not_take_a_stuck_process_for_a_healthy_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var check = RunAsync(["env", $"NAS_METRICS_PORT={((IPEndPoint)listener.LocalEndpoint).Port}", "bash", Repository.At("deploy/healthcheck")]);
        using (var asked = await listener.AcceptTcpClientAsync())
        {
            await asked.GetStream().WriteAsync("HTTP/1.1 503 Service Unavailable\r\n\r\n"u8.ToArray());
            Assert.Equal((1, "HTTP/1.1 503 Service Unavailable\n"), await check);
        }
    }

    // Everyone may read the checkout of a container's image, which is not so for this one.
    private void InstallProgram()
    {
        var opt = _folder.MakeFolder("opt");
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Nassync.Program)!)) File.Copy(file, Path.Combine(opt, Path.GetFileName(file)));
        File.Copy(Repository.At("deploy/healthcheck"), Path.Combine(opt, "healthcheck"));
        var program = _folder.WriteScript("bin/nassync", $"#!/bin/sh\nexec '{Nassync.Host}' '{_folder["opt/nassync.dll"]}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
    }

    // The image's own, then those of the compose file, with these folders in place of the container's.
    private List<string> Variables(int port)
    {
        var variables = DeployTests.Compose();
        variables["NAS_METRICS_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        return [
            "DOTNET_EnableDiagnostics=0",
            "ASPNETCORE_HTTP_PORTS=8080",
            $"HOME={_folder["none"]}",
            $"PATH={_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
            .. variables.Select(pair => $"{pair.Key}={Moved(pair.Value.Replace("$$", "$", StringComparison.Ordinal))}"),
        ];
    }

    private string Moved(string value) =>
        value.StartsWith("/data", StringComparison.Ordinal) || value.StartsWith("/mnt", StringComparison.Ordinal) ? _folder[value[1..]] : value;

    private static string[] AsAccount() => Environment.IsPrivilegedProcess ? [.. OrdinaryAccount.Words, "--no-new-privs", "--bounding-set=-all"] : [];

    private Task<(int ExitCode, string Out)> HealthAsync(IEnumerable<string> variables) =>
        RunAsync([.. AsAccount(), "env", .. variables, "bash", _folder["opt/healthcheck"]]);

    private static async Task<(int ExitCode, string Out)> RunAsync(string[] command)
    {
        using var process = Start(command);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await error;
        return (process.ExitCode, output);
    }

    private static Process Start(string[] command) =>
        Process.Start(
            new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
}
