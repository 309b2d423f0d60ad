using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace NasSync.Tests.Support;

/// <summary>
/// A private OpenStack Swift with its S3 API on loopback, started once per run at first use. It is a second, independent implementation of S3, which
/// refuses conditions on writes. Needs <c>[RequiresFact("swift")]</c>. A keeper reads from a pipe that this process holds open; when this process
/// ends, in whatever way, the pipe closes and the keeper kills the servers. If the keeper itself is killed, the kernel kills them.
/// </summary>
internal sealed class SwiftServer
{
    public const string AccessKey = "test:tester";
    public const string SecretKey = "testing";

    /// <summary>The programs that a test needs.</summary>
    public static readonly string[] Programs =
        [
            "/usr/bin/python3", "/usr/bin/swift-proxy-server", "/usr/bin/swift-account-server", "/usr/bin/swift-container-server",
            "/usr/bin/swift-object-server", "/usr/bin/memcached",
        ];

    // Written in Swift's Python, because one process makes the three rings in a fifth of the time that the commands need. Its arguments are the
    // ports. Swift stores objects in files with extended attributes, which not every file system supports.
    private const string Keeper = """
        import ctypes, getpass, os, shutil, signal, subprocess, sys, tempfile
        from swift.common.ring import RingBuilder
        ports = dict(zip(('account', 'container', 'object', 'proxy', 'memcached'), sys.argv[1:]))
        user, children, folder = getpass.getuser(), [], None

        def place():
            for above in (tempfile.gettempdir(), '/dev/shm', '/var/tmp'):
                if not os.path.isdir(above): continue
                made = tempfile.mkdtemp(prefix='nassync-swift-', dir=above)
                try:
                    os.setxattr(made, 'user.nassync', b'x' * 200)
                    return made
                except OSError:
                    os.rmdir(made)
            sys.exit('no folder here has extended attributes')

        def write(name, text):
            with open(os.path.join(folder, name), 'w') as file: file.write(text)

        def start(*command):
            with open(os.path.join(folder, 'log'), 'a') as log:
                children.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL)))

        folder = place()
        try:
            os.makedirs(os.path.join(folder, 'dev', 'd1'))
            write('swift.conf', '[swift-hash]\nswift_hash_path_suffix = a\nswift_hash_path_prefix = b\n')
            for kind in ('account', 'container', 'object'):
                write(kind + '.conf', f'''[DEFAULT]
        bind_ip = 127.0.0.1
        bind_port = {ports[kind]}
        devices = {folder}/dev
        mount_check = false
        swift_dir = {folder}
        user = {user}
        workers = 0
        log_address = {folder}/nolog
        [pipeline:main]
        pipeline = {kind}-server
        [app:{kind}-server]
        use = egg:swift#{kind}
        ''')
                ring = RingBuilder(4, 1, 1)
                ring.add_dev(dict(id=0, region=1, zone=1, ip='127.0.0.1', port=int(ports[kind]), device='d1', weight=1.0,
                                  replication_ip='127.0.0.1', replication_port=int(ports[kind]), meta=''))
                ring.rebalance()
                ring.get_ring().save(os.path.join(folder, kind + '.ring.gz'))
            write('proxy.conf', f'''[DEFAULT]
        bind_ip = 127.0.0.1
        bind_port = {ports['proxy']}
        swift_dir = {folder}
        user = {user}
        workers = 0
        log_address = {folder}/nolog
        [pipeline:main]
        pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo symlink versioned_writes proxy-server
        [app:proxy-server]
        use = egg:swift#proxy
        account_autocreate = true
        [filter:cache]
        use = egg:swift#memcache
        memcache_servers = 127.0.0.1:{ports['memcached']}
        [filter:s3api]
        use = egg:swift#s3api
        location = us-east-1
        s3_acl = false
        [filter:tempauth]
        use = egg:swift#tempauth
        user_test_tester = testing .admin
        ''' + ''.join(f'[filter:{name}]\nuse = egg:swift#{name}\n' for name in
                      ('catch_errors', 'gatekeeper', 'healthcheck', 'listing_formats', 'bulk', 'copy', 'slo', 'symlink', 'versioned_writes')))
            start('/usr/bin/memcached', '-l', '127.0.0.1', '-p', ports['memcached'], '-U', '0', '-u', user)
            for kind in ('account', 'container', 'object', 'proxy'): start(f'/usr/bin/swift-{kind}-server', os.path.join(folder, kind + '.conf'))
            print('started', flush=True)
            sys.stdin.read()
        finally:
            for child in children: child.kill()
            for child in children: child.wait()
            shutil.rmtree(folder, ignore_errors=True)
        """;

    private static readonly Lazy<Task<SwiftServer>> Shared = new(StartAsync);

    // Its standard input stays open for the whole run; the keeper stops the servers when it closes.
    private readonly Process _keeper;

    private SwiftServer(Process keeper, Uri endpoint) => (_keeper, Endpoint) = (keeper, endpoint);

    /// <summary>The server's address.</summary>
    public Uri Endpoint { get; }

    /// <summary>The keeper's process id.</summary>
    public int KeeperId => _keeper.Id;

    /// <summary>The server of this run.</summary>
    public static Task<SwiftServer> GetAsync() => Shared.Value;

    private static async Task<SwiftServer> StartAsync()
    {
        int[] ports = [.. Enumerable.Range(0, 5).Select(_ => OwnPort.Next())];
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", Keeper, .. ports.Select(port => $"{port}")]) start.ArgumentList.Add(argument);
        var keeper = Process.Start(start)!;
        SharedServers.StopAtEnd(() => Stop(keeper));

        using var patience = new CancellationTokenSource(Wait.Longest);
        if (await keeper.StandardOutput.ReadLineAsync(patience.Token) is null) throw new InvalidOperationException("Swift did not start");
        foreach (var port in ports) await ListensAsync(port, patience.Token);
        return new SwiftServer(keeper, new Uri($"http://127.0.0.1:{ports[3]}"));
    }

    private static async Task ListensAsync(int port, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException)
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
}
