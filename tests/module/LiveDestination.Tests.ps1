# A private sshd and a private S3 server, where the programs are installed.
BeforeDiscovery {
    $missing = @('bash', '/usr/sbin/sshd', 'ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'monmaptool', 'curl').Where{ -not (Get-Command -Name $_ -CommandType Application -ErrorAction Ignore) }
    # As in the other tests: where it is demanded, a missing need is a failure.
    $script:skip = $missing -and $env:NASSYNC_TEST_REQUIRE -ne 'all'
}

Describe 'Test-SyncDestination on live servers' -Skip:$script:skip {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        Import-TestModule

        # The benchmark's servers; they end with the script, whose end is that of its standard input.
        $script = 'work=$2 RCLONE_CONFIG=/dev/null; . "$1/basics.sh"; . "$1/servers.sh"; trap stop_servers EXIT; start_sshd; start_s3 "$2/s3"; echo "$ssh_port $s3_port $bucket"; cat > /dev/null'
        $start = [Diagnostics.ProcessStartInfo]::new('bash', [string[]] @('-ec', $script, 'servers', "$PSScriptRoot/../../bench/lib", "$TestDrive"))
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $servers = [Diagnostics.Process]::Start($start)
        $sshPort, $s3Port, $bucket = -split $servers.StandardOutput.ReadLine()

        $root = (New-Item -ItemType Directory -Path "$TestDrive/root").FullName
        $config = "$TestDrive/nas-sync.yaml"
        Set-Content -LiteralPath "$TestDrive/id" -Value 'BENCHACCESSKEY' -NoNewline
        Set-Content -LiteralPath "$TestDrive/secret" -Value 'benchsecretkey' -NoNewline
        Set-Content -LiteralPath "$TestDrive/wrong-secret" -Value 'wrong' -NoNewline
        $s3 = "type: s3, endpoint: `"http://127.0.0.1:$s3Port`", bucket: $bucket, accessKeyId: `"file:$TestDrive/id`""
        Set-Content -LiteralPath $config -Value @"
nasSync:
  destinations:
    studio: { type: sftp, host: 127.0.0.1, port: $sshPort, user: $([Environment]::UserName), identityFile: $TestDrive/ssh/id, knownHosts: $TestDrive/ssh/known_hosts, root: $root }
    cloud: { $s3, secretAccessKey: "file:$TestDrive/secret" }
    refused: { $s3, secretAccessKey: "file:$TestDrive/wrong-secret" }
"@
    }

    AfterAll {
        $servers.StandardInput.Close()
        $servers.WaitForExit()
    }

    It 'finds every promise kept by <_>' -ForEach 'studio', 'cloud' {
        $results = @(Test-SyncDestination $_ -Config $config)
        $results.Count | Should -BeGreaterThan 100
        $results | Where-Object Outcome -EQ 'Failed' | ForEach-Object { "$_ $($_.Detail)" } | Should -BeNullOrEmpty
    }

    It 'leaves nothing behind' {
        Get-ChildItem -LiteralPath $root -Force | Should -BeNullOrEmpty
        (Invoke-RestMethod -Uri "http://127.0.0.1:$s3Port/$bucket").ListBucketResult.SelectNodes("*[local-name()='Contents']").Count | Should -Be 0
    }

    It 'tells a wrong secret, and goes on' {
        $can = Test-SyncDestination refused, cloud -Probe -Config $config -ErrorVariable problems -ErrorAction SilentlyContinue
        $can.Destination | Should -Be 'cloud'
        $problems.Count | Should -Be 1
        $problems[0].TargetObject | Should -Be 'refused'
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'SecretKeyWrong,*'
    }

    It 'logs in with a credential that is given instead' {
        $key = [pscredential]::new('BENCHACCESSKEY', [Net.NetworkCredential]::new('', 'benchsecretkey').SecurePassword)
        (Test-SyncDestination refused -Probe -Config $config -Credential $key -ErrorAction Stop).Destination | Should -Be 'refused'
        Test-SyncDestination $root -Probe -Config $config -Credential $key -ErrorAction Stop | ForEach-Object FreeBytes | Should -BeGreaterThan 0
        Set-Content -LiteralPath "$TestDrive/local.yaml" -Value "nasSync: { destinations: { box: { type: local, root: $root } } }"
        Test-SyncDestination box -Config "$TestDrive/local.yaml" -Credential $key -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'CredentialUnused,*'
    }
}
