using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Webhooks;

namespace NasSync.Tests.Webhooks;

/// <summary>A ledger, a clock that stands still, a receiver, and runs whose events a courier tells it.</summary>
internal sealed class CourierWorld : IAsyncDisposable
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private CourierWorld(HookReceiver receiver)
    {
        Receiver = receiver;
        Config = new SyncConfig { WorkDir = Folder["work"] };
        Hook("/hook");
        Ledger = Ledger.Open(Config.WorkDir, Time);
    }

    public HookReceiver Receiver { get; }

    public TempFolder Folder { get; } = new();

    public ManualTime Time { get; } = new();

    public Ledger Ledger { get; set; }

    public SyncConfig Config { get; set; }

    public Dictionary<string, string> Variables { get; } = new() { ["HOOK_SECRET"] = Secret };

    /// <summary>How the first hook does.</summary>
    public WebhookStatus State => WebhookStatus.Of(Config, Ledger)[0];

    public static async Task<CourierWorld> MakeAsync() => new(await HookReceiver.StartAsync());

    /// <summary>Replaces the hooks by ones at these paths of the receiver.</summary>
    public void Hook(params string[] paths) => HookAt([.. paths.Select(path => new Uri(Receiver.Url, path))]);

    /// <summary>Replaces the hooks.</summary>
    public void HookAt(params Uri[] urls) =>
        Config =
            Config with { Webhooks = [.. urls.Select(url => new WebhookConfig { Url = url, Secret = new SecretReference("env", "HOOK_SECRET") })] };

    /// <summary>A courier for one run.</summary>
    public Courier Courier(TimeSpan? patience = null) =>
        patience is { } time ? new(Config, Variables, Time) { Patience = time } : new(Config, Variables, Time);

    /// <summary>A run with these events; gives what comes out behind the courier.</summary>
    public async Task<IReadOnlyList<TransferEvent>> RunAsync(params TransferEvent[] events)
    {
        var passed = new List<TransferEvent>();
        await foreach (var one in Courier().TeeAsync(SampleEvents.Stream(events), Ledger)) passed.Add(one);
        return passed;
    }

    /// <summary>A run in which nothing happens; gives the codes of its warnings.</summary>
    public async Task<IReadOnlyList<string>> WarningsOfRunAsync(params TransferEvent[] events)
    {
        var passed = await RunAsync([.. events, SampleEvents.Finished()]);
        return [.. passed.OfType<TransferEvent.Warned>().Select(warned => warned.Notice.Code)];
    }

    public async ValueTask DisposeAsync()
    {
        Ledger.Dispose();
        await Receiver.DisposeAsync();
        Folder.Dispose();
    }
}
