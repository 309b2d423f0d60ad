using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>Each mistake of a file: what is said, and at which line and column.</summary>
public sealed class MistakeTests
{
    [Theory]
    // Keys
    [InlineData("outputDir: /x", "2:3: error: nasSync.outputDir: There is no setting 'outputDir'; did you mean 'outputsDir'?")]
    [InlineData("OutputsDir: /x", "2:3: error: nasSync.OutputsDir: There is no setting 'OutputsDir'; did you mean 'outputsDir'?")]
    [InlineData("dryrun: true", "2:3: error: nasSync.dryrun: There is no setting 'dryrun'; did you mean 'dryRun'?")]
    [InlineData("retry: { maxAtempts: 3 }", "2:12: error: nasSync.retry.maxAtempts: There is no setting 'maxAtempts'; did you mean 'maxAttempts'?")]
    [InlineData("retry: { zzz: 3 }", "2:12: error: nasSync.retry.zzz: There is no setting 'zzz'; known are maxAttempts, baseDelay and maxDelay.")]
    [InlineData("dryRun: true\n  dryRun: false", "3:3: error: dryRun: 'dryRun' stands here twice, first in line 2; remove one.")]
    // Forms
    [InlineData("enabled: maybe", "2:12: error: nasSync.enabled: 'maybe' is neither true nor false.")]
    [InlineData("enabled: [true]", "2:12: error: nasSync.enabled: A single value is needed here, not a list.")]
    [InlineData("outputsDir: { a: b }", "2:15: error: nasSync.outputsDir: A single value is needed here, not a mapping.")]
    [InlineData("outputsDir: ''", "2:15: error: nasSync.outputsDir: The path is empty; write one or remove the setting.")]
    [InlineData("outputsDir: \"a\\tb\"", "2:15: error: nasSync.outputsDir: The path contains a control character; remove it.")]
    [InlineData("retry: 5", "2:10: error: nasSync.retry: A mapping is needed here, not a single value.")]
    [InlineData("remoteRoots: [a]", "2:16: error: nasSync.remoteRoots: A mapping is needed here, not a list.")]
    [InlineData("transfers: many", "2:14: error: nasSync.transfers: 'many' is no whole number; write one from 1 to 64.")]
    [InlineData("transfers: 1.5", "2:14: error: nasSync.transfers: '1.5' is no whole number; write one from 1 to 64.")]
    [InlineData("transfers: 0", "2:14: error: nasSync.transfers: 0 is out of range; write a number from 1 to 64.")]
    [InlineData("transfers: 65", "2:14: error: nasSync.transfers: 65 is out of range; write a number from 1 to 64.")]
    [InlineData(
        "transfers: 99999999999999999999",
        "2:14: error: nasSync.transfers: 99999999999999999999 is out of range; write a number from 1 to 64.")]
    [InlineData("method: ftp", "2:11: error: nasSync.method: 'ftp' is none of local, rsync, scp, sftp, s3; did you mean 'sftp'?")]
    [InlineData("method: 3", "2:11: error: nasSync.method: '3' is none of local, rsync, scp, sftp, s3; did you mean 's3'?")]
    [InlineData("logLevel: verbose", "2:13: error: nasSync.logLevel: 'verbose' is none of debug, info, warning, error; write one of them.")]
    [InlineData("logMaxSize: 1KiB", "2:15: error: nasSync.logMaxSize: 1KiB is out of range; write a size from 64KiB to 1TiB.")]
    [InlineData("logMaxAge: 1s", "2:14: error: nasSync.logMaxAge: '1s' is out of range; write a duration from 1m to 3650d.")]
    [InlineData("logKeep: 0", "2:12: error: nasSync.logKeep: 0 is out of range; write a number from 1 to 1000.")]
    [InlineData("metricsPort: 70000", "2:16: error: nasSync.metricsPort: 70000 is out of range; write a number from 0 to 65535.")]
    [InlineData(
        "metricsAddress: nas",
        "2:19: error: nasSync.metricsAddress: 'nas' is no IP address; write for example 127.0.0.1, or 0.0.0.0 for all addresses of this machine.")]
    [InlineData(
        "metricsAddress: 1",
        "2:19: error: nasSync.metricsAddress: '1' is no IP address; write for example 127.0.0.1, or 0.0.0.0 for all addresses of this machine.")]
    [InlineData(
        "metricsPort: 1\n  metricsAddress: 0.0.0.0",
        "3:19: warning: nasSync.metricsAddress: Whoever reaches 0.0.0.0 can read metrics and health, nobody is asked for a password; "
            + "let only those reach it who should.")]
    [InlineData(
        "otlpEndpoint: \"https://me:hunter2@x\"",
        "2:17: error: nasSync.otlpEndpoint: The address holds a user or password; secrets are given by reference only.")]
    // Ledger
    [InlineData(
        "ledger: \"Host=db;Database=x;Password=hunter2\"",
        "2:11: error: nasSync.ledger: The connection string holds a password; secrets are given by reference only: "
            + "put the whole string into a variable or a file and write 'env:NAME' or 'file:PATH'.")]
    [InlineData(
        "ledger: \"postgresql://me:hunter2@db/x\"",
        "2:11: error: nasSync.ledger: This is no connection string of PostgreSQL; "
            + "write for example 'Host=db.example.com;Database=nassync;Username=nassync', or 'env:NAME' or 'file:PATH' of such a string.")]
    [InlineData(
        "ledger: \"Database=x\"",
        "2:11: error: nasSync.ledger: The connection string names no Host; "
            + "write for example 'Host=db.example.com;Database=nassync;Username=nassync', or 'env:NAME' or 'file:PATH' of such a string.")]
    [InlineData(
        "ledger: \"env:not a name\"",
        "2:11: error: nasSync.ledger: A secret is given by reference, never by value; write 'env:NAME' or 'file:PATH', "
            + "or in PowerShell 'vault:NAME'.")]
    // Durations
    [InlineData(
        "fileMode: 0680",
        "2:13: error: nasSync.fileMode: '0680' is no mode of files; write three octal digits such as 0640, as chmod takes them.")]
    [InlineData(
        "fileMode: u=rw",
        "2:13: error: nasSync.fileMode: 'u=rw' is no mode of files; write three octal digits such as 0640, as chmod takes them.")]
    [InlineData(
        "fileMode: 4755",
        "2:13: error: nasSync.fileMode: '4755' is no mode of files; write three octal digits such as 0640, as chmod takes them.")]
    [InlineData(
        "fileMode: 040",
        "2:13: error: nasSync.fileMode: With the mode '040' the owner could not read the files, so that no copy could be verified again; "
            + "begin it with 4 or more.")]
    [InlineData(
        "dirMode: 0640",
        "2:12: error: nasSync.dirMode: With the mode '0640' the owner could not use the folders; begin its last three digits with 7.")]
    [InlineData(
        "dirMode: 4770",
        "2:12: error: nasSync.dirMode: '4770' is no mode of folders; write three or four octal digits such as 0750 or 2770, as chmod takes them.")]
    [InlineData("group: a:b", "2:10: error: nasSync.group: 'a:b' is no name or number of a user or group.")]
    [InlineData(
        "destinations: { nas: { type: sftp, host: nas, root: /, owner: media } }",
        "2:65: error: nasSync.destinations.nas.owner: 'media' is no number of a user or group; the protocol knows no names, "
            + "so write for example 1000 (id -u, id -g on the host).")]
    [InlineData(
        "destinations: { nas: { type: rsync, target: nas:/x, group: media } }",
        "2:62: error: nasSync.destinations.nas.group: There is no 'group' for this type. rsync does not say whether it was obeyed; "
            + "set it at the target (umask, a folder with set-group-id, uid and gid of a daemon), or take sftp.")]
    [InlineData(
        "destinations: { nas: { type: s3, bucket: abc, fileMode: 640 } }",
        "2:59: error: nasSync.destinations.nas.fileMode: There is no 'fileMode' for this type. "
            + "Objects of a bucket have no modes and owners of this kind; the bucket's policy says who may read them.")]
    [InlineData(
        "finishedJobs: delete",
        "2:17: error: nasSync.finishedJobs: 'delete' says nothing about finished jobs; write keep, remove or archive:FOLDER.")]
    [InlineData("finishedJobs: 'archive:'", "2:17: error: nasSync.finishedJobs: The path is empty; write one or remove the setting.")]
    [InlineData(
        "outputsDir: /data/out\n  finishedJobs: archive:/data/out/done",
        "3:17: error: nasSync.finishedJobs: The archive lies in outputsDir (/data/out), where its jobs would be found again; "
            + "choose a folder beside it, or one in it whose name begins with a dot.")]
    [InlineData("pollInterval: soon", "2:17: error: nasSync.pollInterval: 'soon' is no duration; write for example 250ms, 5s, 5m or 1h.")]
    [InlineData("pollInterval: -5s", "2:17: error: nasSync.pollInterval: '-5s' is no duration; write for example 250ms, 5s, 5m or 1h.")]
    [InlineData("pollInterval: 1ms", "2:17: error: nasSync.pollInterval: '1ms' is out of range; write a duration from 100ms to 1d.")]
    [InlineData("pollInterval: 2d", "2:17: error: nasSync.pollInterval: '2d' is out of range; write a duration from 100ms to 1d.")]
    [InlineData("pollInterval: 99999999999999d", "2:17: error: nasSync.pollInterval: '99999999999999d' is too long a duration.")]
    [InlineData(
        "retry: { baseDelay: 10m }",
        "2:23: error: nasSync.retry.baseDelay: The first delay (10m) is longer than maxDelay (5m); change one of them.")]
    [InlineData(
        "retry: { maxDelay: 1s }",
        "2:22: error: nasSync.retry.maxDelay: The first delay (5s) is longer than maxDelay (1s); change one of them.")]
    // Bandwidth
    [InlineData(
        "bandwidthLimit: fast",
        "2:19: error: nasSync.bandwidthLimit: 'fast' is no size; write for example 20MiB, 5MB, 512KiB or a number of bytes.")]
    [InlineData(
        "bandwidthLimit: [\"8-18 5MiB\"]",
        "2:20: error: nasSync.bandwidthLimit: '8-18' is no part of the day; write for example '08:00-18:00 5MiB' or 'unlimited'.")]
    [InlineData(
        "bandwidthLimit: [\"08:00-08:00 5MiB\"]",
        "2:20: error: nasSync.bandwidthLimit: '08:00-08:00' begins and ends at the same time; for the whole day write the limit without times.")]
    [InlineData(
        "bandwidthLimit: [\"08:00-18:00 5MiB please\"]",
        "2:20: error: nasSync.bandwidthLimit: '08:00-18:00 5MiB please' is no bandwidth limit; write for example '08:00-18:00 5MiB' or 'unlimited'.")]
    [InlineData("bandwidthLimit: 0", "2:19: error: nasSync.bandwidthLimit: '0' would stop every transfer; remove the limit to have none.")]
    [InlineData(
        "bandwidthLimit: [5MiB, unlimited]",
        "2:19: error: nasSync.bandwidthLimit: Two limits have no times; only one can hold at all others.")]
    // Webhooks
    [InlineData("webhooks: { url: 'https://x' }", "2:13: error: nasSync.webhooks: A list is needed here, not a mapping.")]
    [InlineData(
        "webhooks: [ { events: [failed] } ]",
        "2:15: error: nasSync.webhooks[1].url: 'url' is missing; write the address that is to be told.")]
    [InlineData(
        "webhooks: [ { url: ftp://x } ]",
        "2:22: error: nasSync.webhooks[1].url: This is no address; write one that begins with https:// or http://.")]
    [InlineData(
        "webhooks: [ { url: \"https://me:hunter2@x\" } ]",
        "2:22: error: nasSync.webhooks[1].url: The address holds a user or password; secrets are given by reference only.")]
    [InlineData(
        "webhooks: [ { url: \"https://x\", events: [faild] } ]",
        "2:44: error: nasSync.webhooks[1].events: 'faild' is none of committed, skipped, failed, finished; did you mean 'failed'?")]
    [InlineData(
        "webhooks: [ { url: \"https://x\", secret: hunter2 } ]",
        "2:43: error: nasSync.webhooks[1].secret: A secret is given by reference, never by value; write 'env:NAME' or 'file:PATH', "
            + "or in PowerShell 'vault:NAME'.")]
    // Roots and folders
    [InlineData(
        "remoteRoots: { 'a/b': /x }",
        "2:18: error: nasSync.remoteRoots.a/b: 'a/b' cannot be a key of remoteRoots; use letters, digits, '_' and '-' only.")]
    [InlineData(
        "remoteRoots: { audio: /x, Audio: /y }",
        "2:29: error: nasSync.remoteRoots.Audio: There are two remote roots 'Audio'; keys do not differ by case. Remove one.")]
    [InlineData(
        "remoteRoots: { audio: /x/.Nassync-nas }",
        "2:25: error: nasSync.remoteRoots.audio: The remote root audio leads through '.Nassync-nas', a name that NasSync uses for its own files; "
            + "choose another folder.")]
    [InlineData(
        "destinations: { nas: { type: sftp, host: nas, root: /x/.nassync-partial } }",
        "2:17: error: nasSync.destinations: The root of destination 'nas' leads through '.nassync-partial', "
            + "a name that NasSync uses for its own files; choose another folder.")]
    [InlineData(
        "remoteRoots: { audio: '${artist}' }",
        "2:25: error: nasSync.remoteRoots.audio: A remote root is a plain path; write placeholders into the routes.")]
    [InlineData(
        "remoteRoots: { audio: 'me@nas:/x' }",
        "2:25: error: nasSync.remoteRoots.audio: 'me@nas:/x' is no folder of this machine; describe the place below 'destinations', "
            + "or set the method.")]
    [InlineData(
        "outputsDir: /o\n  workDir: /o/work",
        "3:12: error: nasSync.workDir: The work folder /o/work lies in the outputs folder /o; set workDir to a folder outside it.")]
    [InlineData(
        "outputsDir: /o\n  remoteRoots: { audio: /o }",
        "3:25: error: nasSync.remoteRoots.audio: The remote root /o lies in the outputs folder /o; copies must go elsewhere.")]
    [InlineData(
        "outputsDir: /o\n  destinations: { attic: { type: local, root: /o/x } }",
        "3:17: error: nasSync.destinations: The root /o/x of destination 'attic' lies in the outputs folder /o; copies must go elsewhere.")]
    public void A_mistake_in_a_setting_is_told_at_its_place(string settings, string problem) =>
        Assert.Equal([$"nas-sync.yaml:{problem}"], ConfigText.Problems($"nasSync:\n  {settings}\n"));

    [Theory]
    [InlineData(
        "x: {}",
        "3:8: error: nasSync.destinations.x.type: 'type' is missing; write one of local, rsync, sftp, scp, s3.",
        "3:5: error: nasSync.destinations.x: A destination cannot be called 'x', because 'x:' is a drive of Windows; give it a longer name.")]
    [InlineData(
        "Local: { type: local, root: /x }",
        "3:5: error: nasSync.destinations.Local: A destination cannot be called 'local', which stands for plain paths; give it another name.")]
    [InlineData(
        "my nas: { type: local, root: /x }",
        "3:5: error: nasSync.destinations.my nas: 'my nas' cannot be the name of a destination; use letters, digits, '.', '_' and '-' only.")]
    [InlineData(
        "nas: { type: local, root: /x }\n    NAS: { type: local, root: /y }",
        "4:5: error: nasSync.destinations.NAS: There are two destinations 'NAS'; names do not differ by case. Rename one.")]
    [InlineData("nas: { type: smb }", "3:18: error: nasSync.destinations.nas.type: 'smb' is none of local, rsync, sftp, scp, s3; write one of them.")]
    [InlineData("nas: /mnt/nas", "3:10: error: nasSync.destinations.nas: A mapping is needed here, not a single value.")]
    [InlineData("nas: { type: local }", "3:10: error: nasSync.destinations.nas.root: 'root' is missing; write the folder that copies go to.")]
    [InlineData(
        "nas: { type: local, rot: /x, root: /x }",
        "3:25: error: nasSync.destinations.nas.rot: There is no setting 'rot'; did you mean 'root'?")]
    [InlineData("nas: { type: rsync }", "3:10: error: nasSync.destinations.nas.target: 'target' is missing; write for example user@host:/path.")]
    [InlineData(
        "nas: { type: rsync, target: '-e sh' }",
        "3:33: error: nasSync.destinations.nas.target: '-e sh' would be taken for an option of rsync; write for example user@host:/path.")]
    [InlineData(
        "nas: { type: rsync, target: 'rsync://me:hunter2@nas/x' }",
        "3:33: error: nasSync.destinations.nas.target: The target holds a password; write 'password: env:NAME' instead.")]
    [InlineData(
        "nas: { type: sftp, host: '-oProxyCommand=x', root: / }",
        "3:30: error: nasSync.destinations.nas.host: '-oProxyCommand=x' is no name of a host or user; write for example nas.example.com.")]
    [InlineData(
        "nas: { type: sftp, host: me@nas, root: / }",
        "3:30: error: nasSync.destinations.nas.host: 'me@nas' holds a user and a host; write them as two settings.")]
    [InlineData(
        "nas: { type: sftp, host: nas, root: /, port: 70000 }",
        "3:50: error: nasSync.destinations.nas.port: 70000 is out of range; write a number from 1 to 65535.")]
    [InlineData(
        "nas: { type: sftp, host: nas, root: /, password: hunter2 }",
        "3:54: error: nasSync.destinations.nas.password: A secret is given by reference, never by value; write 'env:NAME' or 'file:PATH', "
            + "or in PowerShell 'vault:NAME'.")]
    [InlineData(
        "nas: { type: sftp, host: nas, root: /, connections: 9 }",
        "3:57: error: nasSync.destinations.nas.connections: 9 is out of range; write a number from 1 to 8.")]
    [InlineData(
        "nas: { type: sftp, host: nas, root: /, ciphers: 'aes128-ctr -v' }",
        "3:53: error: nasSync.destinations.nas.ciphers: 'aes128-ctr -v' is no list of ciphers; "
            + "write for example '^aes256-gcm@openssh.com' (ssh -Q cipher lists them).")]
    [InlineData(
        "nas: { type: sftp, host: '127.0.0.1:22871', root: / }",
        "3:30: error: nasSync.destinations.nas.host: '127.0.0.1:22871' has a port in it; write 'host: 127.0.0.1' and 'port: 22871'.")]
    [InlineData(
        "nas: { type: sftp, host: '[::1]:22', root: / }",
        "3:30: error: nasSync.destinations.nas.host: '[::1]:22' has a port in it; write 'host: ::1' and 'port: 22'.")]
    [InlineData(
        "nas: { type: sftp, host: 'sftp://nas', root: / }",
        "3:30: error: nasSync.destinations.nas.host: The host is written as an address; write its name only, such as nas.example.com, "
            + "and port and folder beside it.")]
    [InlineData(
        "nas: { type: sftp, host: nas/media, root: / }",
        "3:30: error: nasSync.destinations.nas.host: 'nas/media' has a folder in it; write the host's name only, and the folder into 'root'.")]
    [InlineData(
        "nas: { type: rsync, target: 'nas:2222:/media' }",
        "3:33: error: nasSync.destinations.nas.target: 'nas:2222:/media' has a port in it, which rsync takes for a folder; "
            + "write the port into ssh_config, or use 'type: sftp' with 'port'.")]
    [InlineData(
        "nas: { type: s3, bucket: Media }",
        "3:30: error: nasSync.destinations.nas.bucket: 'Media' has capital letters, which no bucket of Amazon has; write 'media', "
            + "or 'endpoint' for another server.")]
    [InlineData(
        "nas: { type: s3, bucket: media, endpoint: 'http://minio:9000/media/' }",
        "3:47: error: nasSync.destinations.nas.endpoint: The endpoint names the bucket 'media', too; write the server's address only, "
            + "without the bucket.")]
    [InlineData(
        "nas: { type: s3, bucket: media, endpoint: 'https://media.s3.eu-west-1.amazonaws.com' }",
        "3:47: error: nasSync.destinations.nas.endpoint: The endpoint names the bucket 'media', too; write the server's address only, "
            + "without the bucket.")]
    [InlineData(
        "nas: { type: s3, bucket: media, endpoint: 'http://minio:9000?x=y' }",
        "3:47: error: nasSync.destinations.nas.endpoint: The endpoint has a query or a fragment; write the server's address only.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, contentTypes: { m4a: audio/mp4 } }",
        "3:51: error: nasSync.destinations.nas.contentTypes.m4a: 'm4a' is no extension; write one with its dot, such as '.m4a'.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, contentTypes: { .m4a: audio } }",
        "3:57: error: nasSync.destinations.nas.contentTypes..m4a: 'audio' is no media type; write for example audio/mp4.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, contentTypes: { .m4a: audio/mp4, .M4A: a/b } }",
        "3:68: error: nasSync.destinations.nas.contentTypes..M4A: '.M4A' stands here twice; extensions do not differ by case. Remove one.")]
    [InlineData(
        "nas: { type: s3, bucket: a/b }",
        "3:30: error: nasSync.destinations.nas.bucket: 'a/b' is no name of a bucket; write 3 to 63 letters, digits, '.', '-' or '_'.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, prefix: a/../b }",
        "3:43: error: nasSync.destinations.nas.prefix: 'a/../b' contains '.' or '..'; write the prefix without them.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, accessKeyId: env:ID }",
        "3:48: error: nasSync.destinations.nas.accessKeyId: accessKeyId and secretAccessKey belong together; give both or none.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, storageClass: STANDARD-IA }",
        "3:49: error: nasSync.destinations.nas.storageClass: 'STANDARD-IA' is none of STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, "
            + "GLACIER_IR, GLACIER, DEEP_ARCHIVE, REDUCED_REDUNDANCY; did you mean 'STANDARD_IA'?")]
    [InlineData(
        "nas: { type: s3, bucket: abc, endpoint: 'http://x', storageClass: fast disks }",
        "3:71: error: nasSync.destinations.nas.storageClass: 'fast disks' is no name of a storage class; write letters, digits, '_' and '-' only.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, storageclas: STANDARD }",
        "3:35: error: nasSync.destinations.nas.storageclas: There is no setting 'storageclas'; did you mean 'storageClass'?")]
    [InlineData(
        "nas: { type: s3, bucket: abc, serverSideEncryption: AES-256 }",
        "3:57: error: nasSync.destinations.nas.serverSideEncryption: 'AES-256' is none of AES256, aws:kms; did you mean 'AES256'?")]
    [InlineData(
        "nas: { type: s3, bucket: abc, kmsKeyId: k }",
        "3:45: error: nasSync.destinations.nas.kmsKeyId: A kmsKeyId is used with aws:kms only; write 'serverSideEncryption: aws:kms', or remove it.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, partSize: 1MiB }",
        "3:45: error: nasSync.destinations.nas.partSize: 1MiB is out of range; write a size from 5MiB to 512MiB.")]
    [InlineData(
        "nas: { type: s3, bucket: abc, endpoint: minio:9000 }",
        "3:45: error: nasSync.destinations.nas.endpoint: This is no address; write one that begins with https:// or http://.")]
    [InlineData(
        "nas: { type: local, root: /x, bandwidthLimit: 5Mbit }",
        "3:51: error: nasSync.destinations.nas.bandwidthLimit: '5Mbit' is no size; write for example 20MiB, 5MB, 512KiB or a number of bytes.")]
    [InlineData(
        "sftp: { type: rsync, target: 'a:/b' }",
        "3:19: error: nasSync.destinations.sftp.type: The name 'sftp' stands for plain paths with that method, so its type must be sftp too; "
            + "rename it or change its type.")]
    public void A_mistake_in_a_destination_is_told_at_its_place(string destination, params string[] problems) =>
        Assert.Equal(
            problems.Select(problem => $"nas-sync.yaml:{problem}").Order(),
            ConfigText.Problems($"nasSync:\n  destinations:\n    {destination}\n").Order());

    [Theory]
    [InlineData(
        "{ kind: audio }",
        "7:7: error: nasSync.routes[1].to: 'to' is missing; write where the copies go, for example \"${remoteRoots.audio}/Instrumental\".")]
    [InlineData(
        "{ kind: audio, to: }",
        "7:7: error: nasSync.routes[1].to: 'to' is missing; write where the copies go, for example \"${remoteRoots.audio}/Instrumental\".")]
    [InlineData("{ kind: audio, to: [] }", "7:26: error: nasSync.routes[1].to: The list is empty; write where the copies go.")]
    [InlineData("{ kind: audio, to: [/a, ~] }", "7:31: error: nasSync.routes[1].to: A list of single values is needed here, but this is empty.")]
    [InlineData("{ kind: audio, to: [/a, /a] }", "7:31: error: nasSync.routes[1].to: '/a' stands here twice; remove one.")]
    [InlineData("{ kind: audio, to: { path: /a } }", "7:26: error: nasSync.routes[1].to: A value or a list of values is needed here, not a mapping.")]
    [InlineData("{ kind: audio, to: '/a/${artst}' }", "7:32: error: nasSync.routes[1].to: There is no placeholder 'artst'; did you mean 'artist'?")]
    [InlineData(
        "{ kind: audio, to: \"/\\u0041/${artst}\" }",
        "7:37: error: nasSync.routes[1].to: There is no placeholder 'artst'; did you mean 'artist'?")]
    [InlineData(
        "{ kind: audio, to: '/it''s/${artst}' }",
        "7:36: error: nasSync.routes[1].to: There is no placeholder 'artst'; did you mean 'artist'?")]
    [InlineData(
        "{ kind: audio, to: '${remoteRoots.audoi}/x' }",
        "7:27: error: nasSync.routes[1].to: There is no remote root 'audoi'; did you mean 'audio'?")]
    [InlineData(
        "{ kind: audio, to: '${remoteRoots.films}/x' }",
        "7:27: error: nasSync.routes[1].to: There is no remote root 'films'; add it to remoteRoots, or set NAS_REMOTE_ROOT_FILMS.")]
    [InlineData(
        "{ kind: audio, to: '/a/${remoteRoots.audio}' }",
        "7:30: error: nasSync.routes[1].to: ${remoteRoots.audio} must stand at the beginning.")]
    [InlineData("{ kind: audio, to: '${remoteRoots.audio}x' }", "7:47: error: nasSync.routes[1].to: After ${remoteRoots.audio} a '/' is missing.")]
    [InlineData("{ kind: audio, to: 'valt:x' }", "7:27: error: nasSync.routes[1].to: There is no destination 'valt'; did you mean 'vault'?")]
    [InlineData("{ kind: audio, to: 'local:/x' }", "7:27: error: nasSync.routes[1].to: There is no destination 'local'; the only one is vault.")]
    [InlineData(
        "{ kind: audio, to: 'me@nas:/x' }",
        "7:27: error: nasSync.routes[1].to: 'me@nas:' is not the name of a destination; "
            + "describe this place below 'destinations' and write its name here.")]
    [InlineData(
        "{ kind: audio, to: 'rsync://nas/x' }",
        "7:27: error: nasSync.routes[1].to: 'rsync:' is not the name of a destination; "
            + "describe this place below 'destinations' and write its name here.")]
    [InlineData("{ kind: audio, to: 'vault:../x' }", "7:33: error: nasSync.routes[1].to: A path cannot contain '..'; write the folder it leads to.")]
    [InlineData("{ kind: audio, to: 'vault:a\\b' }", "7:34: error: nasSync.routes[1].to: Write '/' between folders, not '\\'.")]
    [InlineData(
        "{ kind: audio, to: /a, as: 'x/${title}' }",
        "7:36: error: nasSync.routes[1].as: 'as' is the file's name only; put folders into 'to'.")]
    [InlineData(
        "{ kind: audio, to: /a, as: '${remoteRoots.audio}' }",
        "7:35: error: nasSync.routes[1].as: 'as' is the file's name only; put the remote root into 'to'.")]
    [InlineData(
        "{ kind: audio, to: '/a/.NASSYNC-x/${artist}' }",
        "7:30: error: nasSync.routes[1].to: '.NASSYNC-x' is a name that NasSync uses for its own files, so no copy can have it; write another one.")]
    [InlineData(
        "{ kind: audio, to: 'vault:${artist}/.nassync-partial' }",
        "7:43: error: nasSync.routes[1].to: '.nassync-partial' is a name that NasSync uses for its own files, so no copy can have it; "
            + "write another one.")]
    [InlineData(
        "{ kind: audio, to: /a, as: '.nassync-source' }",
        "7:35: error: nasSync.routes[1].as: '.nassync-source' is a name that NasSync uses for its own files, so no copy can have it; "
            + "write another one.")]
    [InlineData(
        "{ kind: audio, to: /a, as: '${title}.nassync-part' }",
        "7:35: error: nasSync.routes[1].as: 'x.nassync-part' is a name that NasSync uses for its own files, so no copy can have it; "
            + "write another one.")]
    [InlineData("{ kind: audio, to: /a, as: '' }", "7:35: error: nasSync.routes[1].as: The value is empty; write one or remove the setting.")]
    [InlineData("{ kind: audio, to: /a, as: '${title:x}' }", "7:42: error: nasSync.routes[1].as: 'title' takes no format; remove ':x'.")]
    [InlineData(
        "{ kind: 'aud*', to: /a }",
        "7:15: error: nasSync.routes[1].kind: 'aud*' is compared as it stands, without wildcards; write one name, or '*' alone for every one.")]
    [InlineData(
        "{ match: { kind: audio }, variant: x, to: /a }",
        "7:16: error: nasSync.routes[1].match: The route has 'match' and also 'kind' or 'variant' beside it; write both into 'match'.")]
    [InlineData(
        "{ match: { knd: audio, variant: x }, to: /a }",
        "7:18: error: nasSync.routes[1].match.knd: There is no setting 'knd'; did you mean 'kind'?")]
    [InlineData(
        "{ kind: audio, to: /a, onConflict: replace }",
        "7:42: error: nasSync.routes[1].onConflict: 'replace' is none of keepBoth, overwrite, skip, fail; write one of them.")]
    [InlineData(
        "{ kind: audio, to: /a, verify: checksums }",
        "7:38: error: nasSync.routes[1].verify: 'checksums' is none of size, checksum, readback; did you mean 'checksum'?")]
    [InlineData("{ kind: audio, to: /a, release: 5 }", "7:39: error: nasSync.routes[1].release: '5' is none of keep, delete; write one of them.")]
    [InlineData("/a", "7:7: error: nasSync.routes[1]: A mapping is needed here, not a single value.")]
    [InlineData(
        "{ to: /a }",
        "7:7: warning: nasSync.routes[1]: Route 1 (*) takes every artifact that comes to it; add kind or variant if that is not meant.")]
    [InlineData(
        "{ kind: '*', to: /a }",
        "7:7: warning: nasSync.routes[1]: Route 1 (*) takes every artifact that comes to it; add kind or variant if that is not meant.")]
    [InlineData(
        "{ kind: audio, to: /a }\n    - { kind: AUDIO, variant: x, to: /b }",
        "8:7: warning: nasSync.routes[2]: Nothing reaches route 2 (AUDIO/x), because route 1 (audio/*) comes first and takes the same; "
            + "move it up or remove it.")]
    public void A_mistake_in_a_route_is_told_at_its_place(string route, string problem)
    {
        Assert.Equal(
            [$"nas-sync.yaml:{problem}"],
            ConfigText.Problems($"nasSync:\n  remoteRoots:\n    audio: /mnt/audio\n  destinations:\n    vault: {{ type: local, root: /mnt/vault }}\n"
                + $"  routes:\n    - {route}\n"));
    }

    [Theory]
    [InlineData("routes: []", "2:11: error: nasSync.routes: The list of routes is empty; write a route, or remove the key to have the default ones.")]
    [InlineData(
        "routes:",
        "2:3: error: nasSync.routes: There are no routes below 'routes:'; write a route, or remove the key to have the default ones.")]
    [InlineData("routes: { kind: audio }", "2:11: error: nasSync.routes: A list is needed here, not a mapping.")]
    [InlineData(
        "method: sftp",
        "2:11: error: nasSync.method: A route has a plain path, which with method sftp needs a server that is not described; set NAS_SCP_HOST, "
            + "or describe a destination named 'sftp'.")]
    [InlineData(
        "method: scp\n  routes: [ { kind: a, to: /x } ]",
        "2:11: error: nasSync.method: A route has a plain path, which with method scp needs a server that is not described; set NAS_SCP_HOST, "
            + "or describe a destination named 'sftp'.")]
    [InlineData(
        "method: s3",
        "2:11: error: nasSync.method: A route has a plain path, which with method s3 needs a server that is not described; set NAS_S3_BUCKET, "
            + "or describe a destination named 's3'.")]
    [InlineData(
        "method: sftp\n  remoteRoots: { audio: media }\n  destinations: { sftp: { type: sftp, host: nas, root: / } }",
        "3:25: error: nasSync.remoteRoots.audio: 'media' must be a full path on the server; write for example /volume1/media.")]
    public void A_mistake_between_settings_is_told_at_its_place(string settings, string problem) =>
        Assert.Equal([$"nas-sync.yaml:{problem}"], ConfigText.Problems($"nasSync:\n  {settings}\n"));

    [Theory]
    [InlineData("", "1:1: error: nasSync: The file has no settings; write them below 'nasSync:'.")]
    [InlineData("# nothing yet\n", "1:1: error: nasSync: The file has no settings; write them below 'nasSync:'.")]
    [InlineData("- a\n", "1:1: error: nasSync: The file must be a mapping with the key 'nasSync', not a list.")]
    [InlineData("transfers: 4\n", "1:1: error: transfers: There is no 'transfers' at the top of the file; every setting stands below 'nasSync:'.")]
    [InlineData("nasSync:\n", "1:9: error: nasSync: The settings stand below 'nasSync:', indented by two spaces.")]
    [InlineData("nasSync:\n\ttransfers: 4\n", "2:1: error: yaml: A tab cannot indent; use spaces.")]
    [InlineData("nasSync:\n  retry:\n  \tmaxAttempts: 4\n", "3:3: error: yaml: A tab cannot indent; use spaces.")]
    [InlineData(
        "nasSync:\n  transfers: \"4\n",
        "2:14: error: yaml: This is no YAML: while scanning a quoted scalar, found unexpected end of stream.")]
    [InlineData("nasSync:\n  workDir: a: b\n", "2:13: error: yaml: This is no YAML: while scanning a plain scalar value, found invalid mapping.")]
    [InlineData(
        "nasSync:\n  webhooks: [a, b\n  transfers: 4\n",
        "2:15: error: yaml: The text after this is no YAML; look for an open bracket or quote.")]
    [InlineData("nasSync: &a\n  transfers: 4\n", "1:10: error: yaml: An anchor ('&name') is not supported; write the value out where it is needed.")]
    [InlineData("nasSync:\n  retry: *a\n", "2:10: error: yaml: An alias ('*name') is not supported; write the value out.")]
    [InlineData("nasSync:\n  transfers: !!int 4\n", "2:14: error: yaml: A tag ('!name') is not supported; remove it.")]
    [InlineData("nasSync:\n  ? [a]\n  : b\n", "2:5: error: yaml: A key must be a name, not a list.")]
    [InlineData("nasSync: {}\n---\nnasSync: {}\n", "2:1: error: yaml: A second document begins here; the file must have one only.")]
    public void A_file_that_is_no_configuration_says_why(string text, string problem) =>
        Assert.Equal([$"nas-sync.yaml:{problem}"], ConfigText.Problems(text));

    [Fact]
    public void Nesting_beyond_all_measure_is_one_problem() =>
        Assert.Equal(
            ["nas-sync.yaml:1:41: error: yaml: The nesting is deeper than 32 levels; no setting is."],
            ConfigText.Problems("nasSync: " + new string('[', 5000) + new string(']', 5000)));

    [Fact]
    public void A_file_that_cannot_be_read_is_a_problem()
    {
        using var folder = new TempFolder();
        folder.Write("latin1.yaml", [0x6e, 0xe4]);
        folder.Write("huge.yaml", new byte[1024 * 1024 + 1]);
        folder.MakeFolder("folder.yaml");

        Assert.Equal(
            "missing.yaml: error: config: The configuration file does not exist; correct its name, or write one with 'nassync config init'.",
            Only("missing.yaml"));
        Assert.Equal("latin1.yaml: error: config: The configuration file is not UTF-8; save it as UTF-8.", Only("latin1.yaml"));
        Assert.Equal("huge.yaml: error: config: The configuration file is larger than 1 MiB; it cannot be one.", Only("huge.yaml"));
        Assert.Equal("folder.yaml: error: config: The configuration file is a folder; name the file in it.", Only("folder.yaml"));
        Assert.Equal(": error: config: The configuration file does not exist; correct its name, or write one with 'nassync config init'.", Only(""));

        string Only(string name) =>
            Assert.Single(ConfigLoader.Load(new() { FilePath = name, Environment = ConfigText.NoVariables, CurrentFolder = folder.Path }).Problems)
                .ToString();
    }

    [Fact]
    public void A_problem_does_not_repeat_what_may_be_a_secret()
    {
        const string canary = "hunter2-canary";
        var problems = ConfigText.Problems($$"""
            nasSync:
              destinations:
                aa: { type: sftp, host: h, root: /, password: {{canary}} }
                bb: { type: s3, bucket: abc, accessKeyId: {{canary}}, secretAccessKey: {{canary}}, endpoint: "https://u:{{canary}}@x" }
                cc: { type: rsync, target: "rsync://u:{{canary}}@h/m", password: "env:{{canary}} x" }
              ledger: "Host=h;Pasword={{canary}};Passwordd=a;{{canary}}"
              webhooks: [ { url: "{{canary}}", secret: "{{canary}}" } ]
            """);

        Assert.Equal(9, problems.Length);
        Assert.DoesNotContain(problems, problem => problem.Contains(canary, StringComparison.Ordinal));
    }
}
