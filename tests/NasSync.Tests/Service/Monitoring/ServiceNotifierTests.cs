using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NasSync.Service.Monitoring;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service.Monitoring;

/// <summary>What a service manager hears, by real sockets.</summary>
public sealed class ServiceNotifierTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly Dictionary<string, string> _environment = [];
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public void Dispose()
    {
        _manager.Dispose();
        _folder.Dispose();
    }

    [RequiresFact("linux")]
    public void The_manager_hears_of_each_step_of_the_service()
    {
        using var notifier = Listen(_folder["notify"], _folder["notify"]);
        notifier.Ready("Watches /data/outputs");
        notifier.Status("2 jobs\nREADY=0");
        _time.Advance(TimeSpan.FromSeconds(1.5));
        notifier.Reloading();
        notifier.Ready("again");
        notifier.Stopping();
        Assert.Equal(
            [
                "READY=1\nSTATUS=Watches /data/outputs", "STATUS=2 jobs\\nREADY=0", "RELOADING=1\nMONOTONIC_USEC=1500000", "READY=1\nSTATUS=again",
                "STOPPING=1",
            ],
            Heard());
    }

    [RequiresFact("linux")]
    public void An_abstract_socket_is_one_too()
    {
        var name = $"nassync-{Guid.NewGuid():N}";
        using var notifier = Listen("\0" + name, "@" + name);
        notifier.Ready("x");
        Assert.Equal(["READY=1\nSTATUS=x"], Heard());
    }

    [RequiresFact("linux")]
    public void The_time_of_a_reload_is_the_machines_monotonic_one()
    {
        _manager.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        _environment["NOTIFY_SOCKET"] = _folder["notify"];
        using var notifier = new ServiceNotifier(_environment, TimeProvider.System);
        var before = Environment.TickCount64;
        notifier.Reloading();
        var told = long.Parse(Assert.Single(Heard())["RELOADING=1\nMONOTONIC_USEC=".Length..], CultureInfo.InvariantCulture) / 1000;

        // The same clock, of which the runtime tells milliseconds as of the last tick.
        const int tick = 20;
        Assert.InRange(told, before - 1, Environment.TickCount64 + tick);
    }

    [RequiresFact("linux")]
    public void The_watchdog_gets_its_sign_twice_a_period_and_only_from_the_living()
    {
        _environment["WATCHDOG_USEC"] = "10000000";
        using var notifier = Listen(_folder["notify"], _folder["notify"]);
        var isAlive = true;
        notifier.FeedWatchdog(() => isAlive);
        notifier.FeedWatchdog(() => isAlive);
        Assert.Empty(Heard());
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(Heard());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["WATCHDOG=1"], Heard());
        isAlive = false;
        _time.Advance(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(Heard());
        isAlive = true;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["WATCHDOG=1"], Heard());
    }

    [RequiresFact("linux")]
    public void A_watchdog_that_means_another_process_is_not_fed()
    {
        _environment["WATCHDOG_USEC"] = "10000000";
        _environment["WATCHDOG_PID"] = "1";
        using var notifier = Listen(_folder["notify"], _folder["notify"]);
        notifier.FeedWatchdog(() => true);
        Assert.Equal(0, _time.Waiting);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("vsock:2:1234")]
    [InlineData("/nowhere/there/is/none")]
    public void Without_a_manager_nothing_happens(string? socket)
    {
        if (socket is not null) _environment["NOTIFY_SOCKET"] = socket;
        _environment["WATCHDOG_USEC"] = "1000";
        var notifier = new ServiceNotifier(_environment, _time);
        notifier.FeedWatchdog(() => true);
        notifier.Ready("x");
        notifier.Reloading();
        _time.Advance(TimeSpan.FromSeconds(1));
        notifier.Stopping();
        notifier.Dispose();
        notifier.Stopping();
    }

    private ServiceNotifier Listen(string at, string told)
    {
        _manager.Bind(new UnixDomainSocketEndPoint(at));
        _environment["NOTIFY_SOCKET"] = told;
        return new ServiceNotifier(_environment, _time);
    }

    // What is sent to a socket of this machine is there when the call returns.
    private List<string> Heard()
    {
        var heard = new List<string>();
        var buffer = new byte[4096];
        while (_manager.Available > 0) heard.Add(Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer)));
        return heard;
    }
}
