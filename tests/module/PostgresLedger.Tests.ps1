# A private PostgreSQL server, where its programs are installed: its client library must load beside PowerShell's own assemblies.
BeforeDiscovery {
    $programs = Get-ChildItem -Path '/usr/lib/postgresql/*/bin/initdb' -ErrorAction Ignore
    $missing = -not $programs -or -not (Get-Command -Name setpriv -CommandType Application -ErrorAction Ignore)
    # As in the other tests: where it is demanded, a missing need is a failure.
    $script:skip = $missing -and $env:NASSYNC_TEST_REQUIRE -ne 'all'
}

Describe 'A ledger in PostgreSQL' -Skip:$script:skip {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        Import-TestModule
        $programs = (Get-ChildItem -Path '/usr/lib/postgresql/*/bin/initdb')[-1].DirectoryName
        $data = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath "nassync-pg-$([guid]::NewGuid().ToString('n'))"
        $null = New-Item -ItemType Directory -Path $data

        # The server ends with the script, whose end is that of its standard input. It never runs as root.
        $script = @'
as="env -i PATH=/usr/bin:/bin HOME=$1 LC_ALL=C.UTF-8"
[ "$(id -u)" != 0 ] || { chown postgres "$1"; as="setpriv --reuid=postgres --regid=postgres --clear-groups $as"; }
trap 'set +e; kill -INT $server; wait; rm -rf "$1"' EXIT
exec 2>>"$1/log"
$as "$2/initdb" -D "$1/data" -U nassync --auth=trust -E UTF8 --no-sync >&2
$as "$2/postgres" -D "$1/data" -c listen_addresses= -c unix_socket_directories="$1" </dev/null >&2 & server=$!
for i in $(seq 600); do "$2/pg_isready" -q -h "$1" && break; sleep 0.1; done
echo ready
cat >/dev/null
'@
        $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh', [string[]] @('-c', $script, 'server', $data, $programs))
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $server = [Diagnostics.Process]::Start($start)
        $server.StandardOutput.ReadLine() | Should -Be 'ready'
    }

    AfterAll {
        $server.StandardInput.Close()
        $server.WaitForExit()
    }

    It 'is written by Invoke-ArtifactSync, known to the next run and read by Get-SyncFailure' {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'space')
        $null = Write-TestJob -Outputs "$($space.Root)/outputs" -JobId 'job_1'
        $null = Write-TestJob -Outputs "$($space.Root)/outputs" -JobId 'job_2' -Artifact @(@{ path = 'b.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null })
        $env:NAS_SYNC_LEDGER = "Host=$data;Username=nassync;Database=postgres;Search Path=module"
        try {
            $first = Invoke-ArtifactSync -Path "$($space.Root)/outputs" -Config "$($space.Root)/nas-sync.yaml" -ErrorAction SilentlyContinue
            $first.Committed, $first.Failed | Should -Be 1, 1
            (Get-SyncFailure -Config "$($space.Root)/nas-sync.yaml").Artifact | Should -Be 'b.m4a'
            $second = Invoke-ArtifactSync -Path "$($space.Root)/outputs/job_1" -Config "$($space.Root)/nas-sync.yaml"
            $second.Committed, $second.Unchanged | Should -Be 0, 1
        }
        finally {
            $env:NAS_SYNC_LEDGER = $null
        }

        Test-Path -LiteralPath "$($space.Root)/work/ledger.db" | Should -BeFalse
        $npgsql = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'Npgsql' }
        [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($npgsql[0]).Name | Should -Be 'NasSync'
    }
}
