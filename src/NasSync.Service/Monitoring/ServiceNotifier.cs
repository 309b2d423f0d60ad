using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NasSync.Service.Output;

namespace NasSync.Service.Monitoring;

/// <summary>
/// Tells a service manager such as systemd how the service is (<c>sd_notify(3)</c>), by the socket that <c>NOTIFY_SOCKET</c> names; without one
/// nothing happens. What cannot be told is not told: no manager is worth a stop.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    // The manager reads at once; one that does not must not hold us up.
    private const int SendTimeoutMs = 1000;

    private readonly TimeProvider _time;
    private readonly UnixDomainSocketEndPoint? _manager;
    private readonly Socket? _socket;
    private readonly TimeSpan? _watchdog;
    private ITimer? _timer;

    /// <summary>Reads where the manager listens, and how often it wants a sign.</summary>
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

    /// <summary>The service has begun, or has its new configuration.</summary>
    /// <param name="status">What it does, as one line for people.</param>
    public void Ready(string status) => Send($"READY=1\nSTATUS={SafeText.Show(status)}");

    /// <summary>What it does now, as one line for people.</summary>
    public void Status(string status) => Send($"STATUS={SafeText.Show(status)}");

    /// <summary>It reads its configuration again; <see cref="Ready"/> follows.</summary>
    public void Reloading()
    {
        // The clock that systemd compares with is the one of TimeProvider.System on Linux: CLOCK_MONOTONIC.
        var microseconds = (Int128)_time.GetTimestamp() * 1_000_000 / _time.TimestampFrequency;
        Send($"RELOADING=1\nMONOTONIC_USEC={microseconds.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>It has begun to stop.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>
    /// Gives the watchdog its sign twice in each of its periods, as long as the service is alive; nothing where there is no watchdog.
    /// </summary>
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
            // The manager has gone, or the service is at its end.
        }
    }
}
