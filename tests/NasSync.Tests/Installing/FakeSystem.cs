using NasSync.Installing;
using NasSync.Scheduling;
using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Installing;

/// <summary>A systemctl or schtasks that writes down what it is told and answers what a test wants.</summary>
internal sealed class FakeSystem : IDisposable
{
    public FakeSystem()
    {
        Folder = new TempFolder();
        Answers("");
    }

    public TempFolder Folder { get; }

    public string Program => Folder["system"];

    /// <summary>Each call's words, joined.</summary>
    public IReadOnlyList<string> Calls => File.Exists(Folder["calls"]) ? File.ReadAllLines(Folder["calls"]) : [];

    public SystemdHost Host(SyncTaskScope scope = SyncTaskScope.System) => new(scope, Folder["units"]) { IsRunning = true, Systemctl = Program };

    public SystemdUnits Units(SyncSchedule? schedule = null) => new()
    {
        Name = "nassync",
        Command = ["/bin/true"],
        Config = new SyncConfig { WorkDir = Folder["work"], LogFile = Folder["logs/log.jsonl"], File = Folder["nas-sync.yaml"], Routes = [] },
        Schedule = schedule,
    };

    /// <summary>From now on it prints a text, or runs shell lines.</summary>
    public void Answers(string text, string shell = "")
    {
        Folder.Write("answer", text);
        File.Delete(Program);
        Folder.WriteScript("system", $"#!/bin/sh\nfor word; do printf '[%s]' \"$word\"; done >> '{Folder["calls"]}'\necho >> '{Folder["calls"]}'\n"
            + $"{shell}\ncat '{Folder["answer"]}'\n");
    }

    public void Dispose() => Folder.Dispose();
}
