namespace NasSync.Config;

/// <summary>The file that <c>nassync config init</c> writes: every setting, explained, with its default.</summary>
public static class ConfigTemplate
{
    /// <summary>The text. It loads without problems as it is, and also with every commented-out setting enabled.</summary>
    public static string Yaml() => Text;

    // A line ' # key: value' is a commented-out setting; a test removes the '# ' and loads the file.
    private const string Text = """
        # The configuration of NasSync. `nassync config check` finds every mistake in it; `nassync config show` prints what holds.
        # Relative paths start at this file's folder; `~` is the home folder. Variables of the environment win over this file.
        nasSync:
          enabled: true                 # false: say so and do nothing
          outputsDir: ./outputs         # where producers leave their job folders
          # settle: 2s                  # so long a source must stay as it is, unless its manifest declares its size or is newer
          # settleTimeout: 1m           # so long a run waits for a source that keeps changing
          # finishedJobs: keep          # keep | remove | archive:FOLDER: what becomes of a job's folder when all of it is recorded
          # refuseHardLinks: false      # true: refuse a source that has another name too, where producers are not trusted
          # followJobLinks: false       # true: take a job folder that is a symbolic link too; its sources are never removed
          # workDir: ./nas-sync-work    # the ledger and its lock
          # ledger: "Host=db.example.com;Database=nassync;Username=nassync"    # PostgreSQL; with a password: env:NAME or file:PATH
          # allowNetworkWorkDir: false  # true: workDir may lie on NFS, SMB or the like, where locks may not hold
          # logFile: ./nas-sync.jsonl   # a JSON line for every event
          # logMaxSize: 50MiB           # then the file is set aside and a new one begun; 0: never for its size
          # logMaxAge: 7d               # the same, by the age of its first line; 0s: never for its age
          # logKeep: 5                  # so many of those set aside are kept
          # debugLog: ./debug.log       # each decision and each request to a server, to find a fault

          # Named roots for the routes. One without a value is known but not set: what would go there is skipped.
          remoteRoots:
            audio: /mnt/nas/Instrumentals
            video: /mnt/nas/Videos

          # What a plain path in `to` means: local (a folder of this machine) | rsync | scp | sftp | s3
          # method: local

          # What new files and folders of this machine are given. Default: as the umask says; a file that is replaced hands its own on.
          # fileMode: "0640"
          # dirMode: "2770"
          # owner: media                # only root may give an owner
          # group: media                # who is not root must be in it

          # Other places, as many as wanted; a route writes name:path. Secrets are given as env:NAME or file:PATH.
          # destinations:
          #   attic:  { type: local, root: /mnt/attic }
          #   vault:  { type: rsync, target: "backup@vault:/srv/media", bandwidthLimit: 20MiB, compress: true }
          #   studio: { type: sftp, host: nas.example.com, user: sync_user, identityFile: ~/.ssh/id_ed25519, root: /volume1/media }
          #   cloud:  { type: s3, bucket: instrumental-maker, prefix: artifacts, region: us-east-1 }

          # In order; the first route that matches an artifact wins. What no route takes is skipped, and the reason is said.
          # Placeholders: ${remoteRoots.KEY} ${artist} ${album} ${title} ${jobId} ${sourceType} ${kind} ${variant} ${label}
          # ${fileName} ${name} ${ext} ${codec} ${container} ${processedAt:yyyy-MM}
          routes:
            - match: { kind: audio, variant: instrumental }
              to: "${remoteRoots.audio}/Instrumental"
            - match: { kind: audio, variant: no_drums }
              to: "${remoteRoots.audio}/Instrumental (no drums)"
            - match: { kind: audio, variant: drums_only }
              to: "${remoteRoots.audio}/Drums only"
            - match: { kind: video, variant: source }
              to: "${remoteRoots.video}"
            # - match: { kind: stems }
            #   to: ["/mnt/stems/${artist}", "/mnt/backup/stems/${jobId}"]    # several places: the source is read once
            #   as: "${artist} - ${title} (${label})${ext}"                   # file name; default: the artifact's own
            #   onConflict: keepBoth    # keepBoth | overwrite | skip | fail, when another job's file stands there
            #   verify: checksum        # size | checksum | readback
            #   release: keep           # keep | delete: what becomes of the source

          # transfers: 4                # at a time
          # retry: { maxAttempts: 5, baseDelay: 5s, maxDelay: 5m }
          # bandwidthLimit: ["08:00-18:00 5MiB", "unlimited"]
          # webhooks: [ { url: "https://hooks.example.com/nas", events: [finished, failed], secret: "env:HOOK_SECRET" } ]
          # skipOnMissingRemote: true   # false: what no route takes, or whose root is not set, fails the manifest
          # dryRun: false               # true: say what would be done and do nothing
          # daemonMode: false           # true: nassync without a command watches
          # pollInterval: 5s            # between two scans of the outputs folder
          # logLevel: info              # debug | info | warning | error
          # metricsPort: 0              # while watching: metricsAddress:PORT shows /metrics, /healthz and /readyz; 0: none
          # metricsAddress: 127.0.0.1   # 0.0.0.0: every machine that reaches this one may read them
          # otlpEndpoint: "http://localhost:4318"    # while watching: metrics are sent there by OTLP

        """;
}
