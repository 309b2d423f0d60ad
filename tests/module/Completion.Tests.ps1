BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule

    $script:root = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'completion')).FullName
    $script:config = "$root/nas-sync.yaml"
    Set-Content -LiteralPath $config -Value @'
nasSync:
  outputsDir: outputs
  workDir: work
  remoteRoots: { audio: nas }
  destinations:
    vault: { type: local, root: nas/vault }
    Attic: { type: local, root: nas/attic }
    far: { type: sftp, host: nas.invalid, root: /data }
  routes:
    - match: { kind: audio, variant: "no drums" }
      to: "vault:a"
    - match: { kind: audio }
      to: "vault:b"
    - match: { kind: "it's $odd" }
      to: "attic:c"
    - match: { kind: "-dash" }
      to: "attic:d"
    - match: { kind: audio }
      to: "far:e"
'@
    foreach ($id in 'job_1', 'job two', "it's", '-first', '$x', '[live]') { $null = Write-TestJob -Outputs "$root/outputs" -JobId $id -Artifact @{ path = 'a.m4a'; kind = 'audio'; variant = $null; content = 'a' } }

    function Get-Completion([string] $Line) { @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText) }
}

Describe 'Completion' {
    It 'gives the destinations, in order and by their beginning' {
        Get-Completion "Test-SyncDestination -Config '$config' -Name " | Should -Be 'Attic', 'far', 'vault'
        Get-Completion "Test-ArtifactSync -Config '$config' -Destination a" | Should -Be 'Attic'
    }

    It 'gives the routes by pattern, and by number where two have the same' {
        Get-Completion "Resolve-SyncRoute -Config '$config' -Route " | Should -Be "'-dash/``*'", '2', '5', "'audio/no drums'", "'it''s `$odd/``*'"
        Get-Completion "Resolve-SyncRoute -Config '$config' -Route 'audio/n" | Should -Be "'audio/no drums'"
    }

    It 'gives the kinds, each once' {
        Get-Completion "Resolve-SyncRoute -Config '$config' -Kind " | Should -Be "'-dash'", 'audio', "'it''s `$odd'"
    }

    It 'gives the jobs, so that what is offered means the job and nothing else: <command>' -ForEach @(
        @{ command = 'Get-SyncManifest'; odd = "'``[live``]'" }
        @{ command = 'Get-SyncFailure'; odd = "'``[live``]'" }
        @{ command = 'Test-ArtifactSync'; odd = "'``[live``]'" }
    ) {
        $given = Get-Completion "$command -Config '$config' -JobId "
        $given.Count | Should -Be 6
        foreach ($one in "'-first'", "'`$x'", 'job_1', "'job two'", "'it''s'", $odd) { $given | Should -Contain $one }
    }

    It 'offers text that binds to the very name' {
        foreach ($text in Get-Completion "Get-SyncManifest -Config '$config' -JobId ") {
            @(& ([scriptblock]::Create("Get-SyncManifest -Config '$config' -JobId $text"))).Count | Should -Be 1 -Because $text
        }
    }

    It 'takes the configuration of the current folder without -Config' {
        Push-Location -LiteralPath $root
        try { Get-Completion 'Test-SyncDestination v' | Should -Be 'vault' } finally { Pop-Location }
    }

    It 'is silent, and shows no error, where there is nothing to offer: <line>' -ForEach @(
        @{ line = "Test-SyncDestination -Config './none.yaml' -Name v" }
        @{ line = "Test-SyncDestination -Config 'nodrive:/x.yaml' -Name v" }
        @{ line = "Resolve-SyncRoute -Config './none.yaml' -Route zzz" }
    ) {
        $Error.Clear()
        Push-Location -LiteralPath $TestDrive
        try { (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue' | Should -BeNullOrEmpty } finally { Pop-Location }
        $Error | Should -BeNullOrEmpty
    }

    It 'asks no destination' {
        # The host of 'far' cannot be found: whoever asked it would wait, and fail. The program that would ask is one that leaves a trace.
        $trace = Join-Path $TestDrive 'asked'
        $env:NASSYNC_SSH = $trace
        try {
            Get-Completion "Test-SyncDestination -Config '$config' -Name f" | Should -Be 'far'
            $trace | Should -Not -Exist
        }
        finally { $env:NASSYNC_SSH = $null }
    }
}

Describe 'Resolve-SyncRoute -Kind and -Route, Get-SyncManifest -JobId' {
    It 'keep what is meant' {
        @(Get-SyncManifest -Config $config -JobId 'job*').JobId | Should -Be 'job two', 'job_1'
        $manifest = Get-SyncManifest -Config $config -JobId job_1
        @($manifest | Resolve-SyncRoute -Config $config -Kind AUD*).Count | Should -Be 1
        @($manifest | Resolve-SyncRoute -Config $config -Kind video).Count | Should -Be 0
        @($manifest | Resolve-SyncRoute -Config $config -Route 2).Route.Number | Should -Be 2
        @($manifest | Resolve-SyncRoute -Config $config -Route 'audio/*').Route.Number | Should -Be 2
        @($manifest | Resolve-SyncRoute -Config $config -Route 5).Count | Should -Be 0
    }

    It 'take a route as an object, too' {
        $decision = Get-SyncManifest -Config $config -JobId job_1 | Resolve-SyncRoute -Config $config
        @(Get-SyncManifest -Config $config -JobId job_1 | Resolve-SyncRoute -Config $config -Route $decision.Route).Count | Should -Be 1
    }

    It 'tell an unknown route with the nearest one, and go on' {
        $found = Get-SyncManifest -Config $config -JobId job_1 | Resolve-SyncRoute -Config $config -Route 2, 'audio/no drumms' -ErrorVariable problems -ErrorAction SilentlyContinue
        $found.Route.Number | Should -Be 2
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'RouteUnknown,*'
        $problems[0].TargetObject | Should -Be 'audio/no drumms'
        "$($problems[0])" | Should -BeLike "*did you mean 'audio/no drums'?*"
    }
}
