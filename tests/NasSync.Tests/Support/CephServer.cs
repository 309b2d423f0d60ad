using System.Diagnostics;
using System.Globalization;

namespace NasSync.Tests.Support;

/// <summary>
/// A private S3 server on loopback: Ceph's gateway with one monitor and one in-memory store, started once per run at first use. Needs
/// <c>[RequiresFact("radosgw", "ceph-mon", "ceph-osd")]</c>. A keeper shell reads from a pipe that this process holds open; when this process ends,
/// in whatever way, the pipe closes and the keeper kills the daemons.
/// </summary>
internal sealed class CephServer
{
    public const string AccessKey = "TESTACCESSKEY";
    public const string SecretKey = "testsecretkey";

    // Runs the daemons until the pipe from the test process closes. $1 is the folder.
    private const string Keeper = """
        C="-c $1/ceph.conf"
        set -e
        trap 'set +e; kill -9 $mon $osd $rgw 2>/dev/null; wait; rm -rf "$1"' EXIT
        exec 2>>"$1/log/out"
        monmaptool --create --clobber --fsid "$2" --addv 0 "$3" "$1/monmap" >&2
        ceph-mon $C --id 0 --mkfs --monmap "$1/monmap" --keyring /dev/null >&2
        ceph-mon $C --id 0 -f </dev/null >&2 & mon=$!
        timeout 240 ceph $C osd create </dev/null >&2
        ceph-osd $C --id 0 --mkfs >&2
        ceph-osd $C --id 0 -f </dev/null >&2 & osd=$!
        timeout 240 radosgw-admin $C -n client.rgw.0 user create --uid=test --display-name=test --access-key="$4" --secret-key="$5" </dev/null >&2
        radosgw $C -n client.rgw.0 -f </dev/null >&2 & rgw=$!
        echo $rgw
        cat >/dev/null
        """;

    private static readonly Lazy<Task<CephServer>> Shared = new(StartAsync);

    // Its standard input stays open for the whole run; the keeper stops the daemons when it closes.
    private readonly Process _keeper;

    private CephServer(Process keeper, Uri endpoint) => (_keeper, Endpoint) = (keeper, endpoint);

    /// <summary>The gateway's address.</summary>
    public Uri Endpoint { get; }

    /// <summary>The keeper's process id.</summary>
    public int KeeperId => _keeper.Id;

    /// <summary>The server of this run.</summary>
    public static Task<CephServer> GetAsync() => Shared.Value;

    private static async Task<CephServer> StartAsync()
    {
        // No TempFolder, because it must outlive every test; the keeper removes it.
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"nassync-ceph-{Guid.NewGuid():N}")).FullName;
        foreach (var name in (string[])["mon", "osd", "run", "log"]) Directory.CreateDirectory(Path.Combine(folder, name));
        var (monitor2, monitor1, gateway) = (OwnPort.Next(), OwnPort.Next(), OwnPort.Next());
        var fsid = Guid.NewGuid().ToString();
        var address = string.Create(CultureInfo.InvariantCulture, $"[v2:127.0.0.1:{monitor2},v1:127.0.0.1:{monitor1}]");
        await File.WriteAllTextAsync(Path.Combine(folder, "ceph.conf"), Config(folder, fsid, address, gateway));

        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", Keeper, "ceph-keeper", folder, fsid, address, AccessKey, SecretKey])
            start.ArgumentList.Add(argument);
        var keeper = Process.Start(start)!;
        SharedServers.StopAtEnd(() => Stop(keeper));

        using var patience = new CancellationTokenSource(Wait.Longest);
        if (await keeper.StandardOutput.ReadLineAsync(patience.Token) is null) throw new InvalidOperationException("Ceph did not start");
        var endpoint = new Uri($"http://127.0.0.1:{gateway}");
        await AnswersAsync(endpoint, patience.Token);
        return new CephServer(keeper, endpoint);
    }

    private static async Task AnswersAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(endpoint, cancellationToken);
                return;
            }
            catch (HttpRequestException)
            {
                // The server does not signal when it is ready, so poll.
                await Task.Delay(20, cancellationToken);
            }
        }
    }

    private static void Stop(Process keeper)
    {
        keeper.StandardInput.Close();
        keeper.WaitForExit(5000);
    }

    // Mode crc for the monitor: the gateway's default is encryption, which cannot be negotiated without authentication. The short proposal interval
    // makes the start ten times faster. Without nodelay each small answer takes 44 ms. The short time-out frees a connection whose body was
    // not read.
    private static string Config(string folder, string fsid, string address, int gateway) => $"""
        [global]
        fsid = {fsid}
        mon host = {address}
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        auth cluster required = none
        auth service required = none
        auth client required = none
        ms mon client mode = crc
        run dir = {folder}/run
        admin socket = {folder}/run/$name.asok
        log file = {folder}/log/$name.log
        crash dir = {folder}/log
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 8
        osd pool default pgp num = 8
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        mon allow pool size one = true
        mon max pg per osd = 1000
        paxos propose interval = 0.01
        paxos min wait = 0.005
        [mon.0]
        mon data = {folder}/mon
        mon data avail crit = 1
        [osd.0]
        osd data = {folder}/osd
        osd objectstore = memstore
        memstore device bytes = 8589934592
        [client.rgw.0]
        rgw data = {folder}
        rgw frontends = beast endpoint=127.0.0.1:{gateway} tcp_nodelay=1 request_timeout_ms=5000
        rgw run sync thread = false

        """;
}
