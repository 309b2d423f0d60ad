BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule

    # Two artifacts that are listed and not there yet; one sync has failed at both.
    function Initialize-Failure([string] $Name) {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive $Name)
        $null = Write-TestJob -Outputs "$($space.Root)/outputs" -JobId 'job_1' -Artifact @(
            @{ path = 'a.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
            @{ path = 'b.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null })
        $null = Invoke-ArtifactSync -Path "$($space.Root)/outputs" -Config "$($space.Root)/nas-sync.yaml" -ErrorAction SilentlyContinue
        $space.Root
    }
}

Describe 'Get-SyncFailure' {
    It 'gives what failed as objects, by job and by whether someone must act' {
        $root = Initialize-Failure 'get'
        $failures = @(Get-SyncFailure -Config "$root/nas-sync.yaml")
        $failures.Count | Should -Be 2
        $failures | ForEach-Object { $_ | Should -BeOfType ([NasSync.RecordedFailure]) }
        $failures.Artifact | Sort-Object | Should -Be 'a.m4a', 'b.m4a'
        @(Get-SyncFailure 'job_*' -Parked -Config "$root/nas-sync.yaml").Count | Should -Be 2
        Get-SyncFailure 'other*' -Config "$root/nas-sync.yaml" | Should -BeNullOrEmpty
        $failures | Format-Table | Out-String | Should -Match 'parked'
    }

    It 'says of a job of which the ledger knows nothing that it does, and nothing of one that is well' {
        $root = Initialize-Failure 'unknown'
        $null = Write-TestJob -Outputs "$root/outputs" -JobId 'well' -Artifact @{ path = 'a.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'sound' }
        $null = Invoke-ArtifactSync -Config "$root/nas-sync.yaml" -ErrorAction SilentlyContinue
        $found = @(Get-SyncFailure -JobId 'nope', 'well', 'job_1' -Config "$root/nas-sync.yaml" -ErrorVariable failed -ErrorAction SilentlyContinue)
        $found | Should -HaveCount 2
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'JobNotFound,*'
        $failed[0].TargetObject | Should -Be 'nope'
        "$($failed[0])" | Should -BeLike "*knows nothing of a job 'nope' (case counts): it knows job_1, well.*"
    }
}

Describe 'Remove-SyncFailure' {
    It 'forgets what comes down the pipeline, by its number, and nothing else' {
        $root = Initialize-Failure 'remove'
        $config = "$root/nas-sync.yaml"
        $before = Get-TreeSnapshot "$root/outputs"
        Get-SyncFailure -Config $config | Where-Object Artifact -EQ 'a.m4a' | Remove-SyncFailure -Config $config | Should -BeNullOrEmpty
        (Get-SyncFailure -Config $config).Artifact | Should -Be 'b.m4a'
        Get-TreeSnapshot "$root/outputs" | Should -Be $before
        Remove-SyncFailure -Id (Get-SyncFailure -Config $config).Id -Config $config
        Get-SyncFailure -Config $config | Should -BeNullOrEmpty
    }

    It 'takes objects that went through CSV, and with -WhatIf only says what it would do' {
        $root = Initialize-Failure 'remove-csv'
        $rows = Get-SyncFailure -Config "$root/nas-sync.yaml" | ConvertTo-Csv | ConvertFrom-Csv
        $rows | Remove-SyncFailure -Config "$root/nas-sync.yaml" -WhatIf
        @(Get-SyncFailure -Config "$root/nas-sync.yaml").Count | Should -Be 2
        $rows | Remove-SyncFailure -Config "$root/nas-sync.yaml"
        Get-SyncFailure -Config "$root/nas-sync.yaml" | Should -BeNullOrEmpty
    }

    It 'takes failures only, and no other object for the number that it has: <name>' -ForEach @(
        @{ name = 'a watcher'; object = { [NasSync.SyncWatcher]::new(1, '/x', [DateTimeOffset]::Now) } }
        @{ name = 'a process'; object = { [pscustomobject]@{ Id = 1; Name = 'x' } } }
        @{ name = 'a part of a number'; object = { 1.4 } }
        @{ name = 'true'; object = { $true } }
    ) {
        $root = Initialize-Failure "remove-other-$name"
        & $object | Remove-SyncFailure -Config "$root/nas-sync.yaml" -ErrorVariable failed -ErrorAction SilentlyContinue
        @($failed | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }) | Should -HaveCount 1
        "$($failed[0])" | Should -BeLike '*is no failure*Get-SyncFailure*'
        { Remove-SyncFailure (& $object) -Config "$root/nas-sync.yaml" -ErrorAction Stop } | Should -Throw -ExpectedMessage '*is no failure*'
        @(Get-SyncFailure -Config "$root/nas-sync.yaml").Count | Should -Be 2
    }

    It 'takes failures as an argument, from JSON, from a file, and narrowed to their numbers' {
        $root = Initialize-Failure 'remove-forms'
        $config = "$root/nas-sync.yaml"
        $failures = @(Get-SyncFailure -Config $config)
        $failures[0] | Export-Clixml -LiteralPath "$root/one.xml"
        $forms = @(, (Import-Clixml -LiteralPath "$root/one.xml"); , ($failures[0] | ConvertTo-Json -Depth 5 | ConvertFrom-Json); , ($failures[0] | Select-Object Id); , "$($failures[0].Id)")
        foreach ($form in $forms) {
            $said = $form | Remove-SyncFailure -Config $config -WhatIf -ErrorAction Stop *>&1
            $said | Should -BeNullOrEmpty
        }
        Remove-SyncFailure $failures -Config $config -ErrorAction Stop
        Get-SyncFailure -Config $config | Should -BeNullOrEmpty
    }

    It 'names each number that the ledger does not know, and forgets the others' {
        $root = Initialize-Failure 'remove-unknown'
        $known = @(Get-SyncFailure -Config "$root/nas-sync.yaml")[0]
        Remove-SyncFailure -Id 4711, $known.Id, 4712 -Config "$root/nas-sync.yaml" -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Count | Should -Be 2
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'FailureUnknown,*'
        $failed.TargetObject | Should -Be 4711, 4712
        @(Get-SyncFailure -Config "$root/nas-sync.yaml").Count | Should -Be 1
    }
}

Describe 'Resume-ArtifactSync' {
    It 'tries again what comes down the pipeline and nothing else' {
        $root = Initialize-Failure 'resume'
        'a', 'b' | ForEach-Object { Set-Content -LiteralPath "$root/outputs/job_1/$_.m4a" -Value $_ }
        $result = Get-SyncFailure -Config "$root/nas-sync.yaml" | Where-Object Artifact -EQ 'b.m4a' | Resume-ArtifactSync -Config "$root/nas-sync.yaml"
        $result | Should -BeOfType ([NasSync.SyncResult])
        $result.Committed, $result.Failed | Should -Be 1, 0
        Get-ChildItem -LiteralPath "$root/nas/audio/Instrumental" | ForEach-Object Name | Should -Be 'b.m4a'
        (Get-SyncFailure -Config "$root/nas-sync.yaml").Artifact | Should -Be 'a.m4a'
    }

    It 'only says with -WhatIf what it would do' {
        $root = Initialize-Failure 'whatif'
        Set-Content -LiteralPath "$root/outputs/job_1/a.m4a" -Value 'a'
        $items = Get-SyncFailure -Config "$root/nas-sync.yaml" | Resume-ArtifactSync -WhatIf -PassThru -Config "$root/nas-sync.yaml" -ErrorAction SilentlyContinue
        $items | Where-Object Result -EQ 'Planned' | ForEach-Object Artifact | Should -Be 'a.m4a'
        Test-Path -LiteralPath "$root/nas/audio/Instrumental" | Should -BeFalse
    }

    It 'does nothing for an empty pipeline' {
        $root = Initialize-Failure 'empty'
        $result = Get-SyncFailure 'other*' -Config "$root/nas-sync.yaml" | Resume-ArtifactSync -Config "$root/nas-sync.yaml"
        $result.Manifests, $result.Failed | Should -Be 0, 0
    }
}
