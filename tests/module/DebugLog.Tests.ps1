BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'debug')
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1' -Artifact @{ path = 'a.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'a' }
}

Describe 'The debug stream' {
    It 'has each decision and each call to a place with -Debug -Verbose:$false, and nothing without it' {
        $quiet = Invoke-ArtifactSync -Config $space.Config -WhatIf 5>&1 | Where-Object { $_ -is [System.Management.Automation.DebugRecord] }
        $quiet | Should -BeNullOrEmpty
        $all = Invoke-ArtifactSync -Config $space.Config -Debug -Verbose:$false 5>&1
        $said = $all | Where-Object { $_ -is [System.Management.Automation.DebugRecord] } | ForEach-Object Message
        ($said -match " Decided: Copy 'a\.m4a' of job_1 at .*: new").Count | Should -Be 1
        ($said -match ': commit .*a\.m4a').Count | Should -Be 1
        $all | Where-Object { $_ -is [NasSync.SyncResult] } | ForEach-Object Committed | Should -Be 1
    }

    It 'has the calls of Test-ArtifactSync, and obeys $DebugPreference' {
        $DebugPreference = 'Continue'
        $said = Test-ArtifactSync -Config $space.Config 5>&1 | Where-Object { $_ -is [System.Management.Automation.DebugRecord] } | ForEach-Object Message
        ($said -match ': hash .*a\.m4a').Count | Should -Be 1
    }

    It 'does not hold up a pipeline that ends early' {
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @(1..200 | ForEach-Object { @{ path = "b$_.m4a"; kind = 'audio'; variant = 'instrumental'; content = 'b' } })
        $first = Invoke-ArtifactSync -Config $space.Config -PassThru -Debug -Verbose:$false 5>$null | Select-Object -First 1
        $first | Should -Not -BeNullOrEmpty
        (Invoke-ArtifactSync -Config $space.Config).Failed | Should -Be 0
    }
}

Describe 'The debug log' {
    It 'is written where the configuration says so, by a watcher too' {
        $watched = Initialize-TestSpace -Path (Join-Path $TestDrive 'watched')
        $log = Join-Path $TestDrive 'watched/debug.log'
        (Get-Content $watched.Config -Raw) -replace '(?m)^nasSync:', "nasSync:`n  debugLog: '$log'" | Set-Content $watched.Config
        $null = Write-TestJob -Outputs $watched.Outputs -JobId 'job_1' -Artifact @{ path = 'a.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'a' }
        $null = Invoke-ArtifactSync -Config $watched.Config
        Get-Content $log | Where-Object { $_ -match "Z Decided: Copy 'a\.m4a' of job_1 at " } | Should -HaveCount 1

        $watcher = Start-SyncWatcher -Config $watched.Config
        try { $null = Wait-SyncWatcher $watcher -Jobs 1 -Timeout 300 }
        finally { Stop-SyncWatcher $watcher }
        Get-Content $log | Where-Object { $_ -match "Z Decided: Unchanged 'a\.m4a' of job_1 at " } | Should -HaveCount 1
        Get-Content $log | Where-Object { $_ -match 'Z Scanned: ' } | Should -Not -BeNullOrEmpty
    }
}
