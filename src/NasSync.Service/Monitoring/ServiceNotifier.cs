using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace NasSync.Service.Monitoring;

/// <summary>
/// Reports the service's state to a service manager such as systemd (<c>sd_notify(3)</c>), over the socket that <c>NOTIFY_SOCKET</c> names; does
/// nothing without one. A report that fails is dropped: no manager is worth a stop.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    // The manager reads at once; one that does not must not delay us.
    private const int SendTimeoutMs = 1000;

    private readonly TimeProvider _time;
    private readonly UnixDomainSocketEndPoint? _manager;
    private readonly Socket? _socket;
    private readonly TimeSpan? _watchdog;
    private ITimer? _timer;

    /// <summary>Reads the manager's socket and watchdog period from the environment.</summary>
    public ServiceNotifier(IReadOnlyDictionary<string, string> environment, TimeProvider time)
    {
        _time = time;
        _manager = environment.GetValueOrDefault("NOTIFY_SOCKET") switch
        {
            ['@', .. var name] when name.Length > 0 => new UnixDomainSocketEndPoint("\0" + name),
            ['/', ..] and var path => new UnixDomainSocketEndPoint(path),
            _ => null,
        };
        if (_manager is null) return;
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeoutMs };
        var isMeant = environment.GetValueOrDefault("WATCHDOG_PID") is not { Length: > 0 } id
            || id == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (isMeant
            && long.TryParse(environment.GetValueOrDefault("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var period)
            && period > 0)
            _watchdog = TimeSpan.FromMicroseconds(period);
    }

    /// <summary>Reports that the service has started, or uses its new configuration.</summary>
    /// <param name="status">What it does, in one line for people.</param>
    public void Ready(string status) => Send($"READY=1\nSTATUS={SafeText.Show(status)}");

    /// <summary>Reports what the service does now, in one line for people.</summary>
    public void Status(string status) => Send($"STATUS={SafeText.Show(status)}");

    /// <summary>Reports that the service reloads its configuration; <see cref="Ready"/> follows.</summary>
    public void Reloading()
    {
        // systemd compares with CLOCK_MONOTONIC, which is the clock of TimeProvider.System on Linux.
        var microseconds = (Int128)_time.GetTimestamp() * 1_000_000 / _time.TimestampFrequency;
        Send($"RELOADING=1\nMONOTONIC_USEC={microseconds.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>Reports that the service has begun to stop.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>Feeds the watchdog twice per period while the service is alive; does nothing without a watchdog.</summary>
    public void FeedWatchdog(Func<bool> isAlive)
    {
        if (_watchdog is not { } period || _timer is not null) return;
        var half = period / 2;
        _timer = _time.CreateTimer(
            _ =>
            {
                if (isAlive()) Send("WATCHDOG=1");
                _timer?.Change(half, Timeout.InfiniteTimeSpan);
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _timer.Change(half, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _socket?.Dispose();
    }

    private void Send(string message)
    {
        try
        {
            _socket?.SendTo(Encoding.UTF8.GetBytes(message), _manager!);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The manager is gone, or the service is ending.
        }
    }
}
