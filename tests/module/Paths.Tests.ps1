BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive 'paths')
    foreach ($id in 'job_1', 'job_2', 'live [2026]', 'live 2') { $null = Write-TestJob -Outputs $space.Outputs -JobId $id }
}

Describe 'Paths' {
    It 'are patterns with -Path, and a pattern that matches nothing gives nothing' {
        (Get-SyncManifest "$($space.Outputs)/job_*").JobId | Should -Be 'job_1', 'job_2'
        Get-SyncManifest "$($space.Outputs)/no*" | Should -BeNullOrEmpty
    }

    It 'stand for themselves with -LiteralPath' {
        (Get-SyncManifest "$($space.Outputs)/live [2026]").JobId | Should -Be 'live 2'
        (Get-SyncManifest -LiteralPath "$($space.Outputs)/live [2026]").JobId | Should -Be 'live [2026]'
        (Get-Item -LiteralPath "$($space.Outputs)/live [2026]" | Get-SyncManifest).JobId | Should -Be 'live [2026]'
    }

    It 'may be on a drive of the session: <name>' -ForEach @(
        @{ name = 'Get-SyncManifest'; run = { (Get-SyncManifest media:/outputs/job_1).JobId | Should -Be 'job_1' } }
        @{ name = 'Invoke-ArtifactSync'; run = { (Invoke-ArtifactSync media:/outputs/job_1 -Config media:/nas-sync.yaml -WhatIf).Planned | Should -Be 1 } }
        @{ name = 'Test-SyncConfig'; run = { Test-SyncConfig media:/nas-sync.yaml -Quiet | Should -BeTrue } }
        @{ name = 'New-SyncConfig'; run = { (New-SyncConfig media:/new.yaml).FullName | Should -Be "$($space.Root)/new.yaml" } }
        @{ name = 'Test-SyncDestination'; run = { (Test-SyncDestination media:/nas -Probe).Destination | Should -Be "$($space.Root)/nas" } }
        @{ name = 'Register-SyncTask'; run = { Register-SyncTask -Config media:/nas-sync.yaml -AsXml | Should -BeLike "*$($space.Config)*" } }
    ) {
        $null = New-PSDrive -Name media -PSProvider FileSystem -Root $space.Root -Scope Global
        try { & $run } finally { Remove-PSDrive -Name media -Scope Global }
    }

    It 'start at the location of the session after Set-Location, not at the folder of the process' {
        $process = [Environment]::CurrentDirectory
        Push-Location -LiteralPath $space.Root
        try {
            [Environment]::CurrentDirectory = [IO.Path]::GetTempPath()
            Set-Location -LiteralPath ./outputs
            (Get-SyncManifest ./job_1).JobId | Should -Be 'job_1'
            (Get-SyncManifest job_*).JobId | Should -Be 'job_1', 'job_2'
            Test-SyncConfig ../nas-sync.yaml -Quiet | Should -BeTrue
        }
        finally {
            Pop-Location
            [Environment]::CurrentDirectory = $process
        }
    }

    It 'of another provider are an error, and so are drives that are not there' {
        Get-SyncManifest -LiteralPath Env:/HOME, nodrive:/x -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.FullyQualifiedErrorId -replace ',.*' | Should -Be 'NotAFileSystem', 'PathNotFound'
    }
}
