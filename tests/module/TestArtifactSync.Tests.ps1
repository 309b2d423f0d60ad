BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule

    # Three songs that were synced.
    function Initialize-SyncedSpace([string] $Name) {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive $Name)
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1' -Artifact @(
            @{ path = 'one.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'first song' }
            @{ path = 'two.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'second song' })
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @{ path = 'three.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'third song' }
        $null = Invoke-ArtifactSync -Config $space.Config
        $space
    }

    # Other bytes under the size and time that a copy has.
    function Write-Rot([string] $Path) {
        $keep = "$Path.keep"
        cp -p $Path $keep
        $bytes = [IO.File]::ReadAllBytes($Path)
        $bytes[0] = $bytes[0] -bxor 1
        $file = [IO.File]::OpenWrite($Path)
        $file.Write($bytes, 0, $bytes.Length)
        $file.Dispose()
        # PowerShell's own times end at a tenth of a microsecond.
        touch -r $keep $Path
        Remove-Item -LiteralPath $keep
    }
}

Describe 'Test-ArtifactSync' {
    It 'gives one finding per copy and changes nothing' {
        $space = Initialize-SyncedSpace 'intact'
        $before = Get-TreeSnapshot $space.Root
        $findings = @(Test-ArtifactSync -Config $space.Config)
        $findings.Count | Should -Be 3
        $findings | ForEach-Object { $_ | Should -BeOfType ([NasSync.CopyFinding]); $_.State | Should -Be 'Intact' }
        @(Test-ArtifactSync -Quick -Config $space.Config).State | Should -Be 'Present', 'Present', 'Present'
        Get-TreeSnapshot $space.Root | Should -Be $before
    }

    It 'chooses by path, job, destination and sample' {
        $space = Initialize-SyncedSpace 'chosen'
        @(Test-ArtifactSync "$($space.Outputs)/job_1" -Config $space.Config).Artifact | Sort-Object | Should -Be 'one.m4a', 'two.m4a'
        @(Get-ChildItem -LiteralPath $space.Outputs -Filter job_2 | Test-ArtifactSync -Config $space.Config).Artifact | Should -Be 'three.m4a'
        @(Test-ArtifactSync -JobId job_2 -Config $space.Config).Artifact | Should -Be 'three.m4a'
        @(Test-ArtifactSync -JobId job_* -Config $space.Config).Count | Should -Be 3
        Test-ArtifactSync -JobId zzz* -Config $space.Config | Should -BeNullOrEmpty
        @(Test-ArtifactSync -Destination "$($space.Nas)/audio" -Config $space.Config).Count | Should -Be 3
        Test-ArtifactSync -Destination "$($space.Nas)/video" -Config $space.Config | Should -BeNullOrEmpty
        $first = @(Test-ArtifactSync -Sample '34%' -Seed 7 -Config $space.Config).Artifact | Sort-Object
        $first.Count | Should -Be 2
        @(Test-ArtifactSync -Sample 2 -Seed 7 -Config $space.Config).Artifact | Sort-Object | Should -Be $first
        { Test-ArtifactSync -Sample many -Config $space.Config } | Should -Throw -ErrorId 'SampleInvalid,NasSync.PowerShell.Commands.TestArtifactSyncCommand'
        { Test-ArtifactSync -Destination vualt -Config $space.Config -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationUnknown,NasSync.PowerShell.Commands.TestArtifactSyncCommand'
        @() | Test-ArtifactSync -Config $space.Config | Should -BeNullOrEmpty
    }

    It 'proposes -JobId for a job whose folder was cleared away' {
        $space = Initialize-SyncedSpace 'cleared'
        Remove-Item -LiteralPath "$($space.Outputs)/job_2" -Recurse
        Test-ArtifactSync "$($space.Outputs)/job_2" -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        @($problems).FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        $problems[0].ErrorDetails.RecommendedAction | Should -Be "Name the job instead of its folder: Test-ArtifactSync -JobId 'job_2'"
        @(Test-ArtifactSync -JobId job_2 -Config $space.Config).State | Should -Be 'Intact'
    }

    It 'finds what is lost, and Invoke-ArtifactSync -Repair makes it again' {
        $space = Initialize-SyncedSpace 'repair'
        $nas = "$($space.Nas)/audio/Instrumental"
        Remove-Item -LiteralPath "$nas/one.m4a"
        Write-Rot "$nas/two.m4a"
        $plan = Join-Path $space.Root 'plan.json'
        $findings = Test-ArtifactSync -Plan $plan -Config $space.Config | Group-Object -Property Artifact -AsHashTable -AsString
        $findings['one.m4a'].State | Should -Be 'Missing'
        $findings['two.m4a'].State | Should -Be 'Damaged'
        $findings['three.m4a'].State | Should -Be 'Intact'
        $findings['two.m4a'] | Out-String | Should -Match 'Damaged'

        $planned = Invoke-ArtifactSync -Repair $plan -WhatIf -PassThru -Config $space.Config
        $planned.Artifact | Sort-Object | Should -Be 'one.m4a', 'two.m4a'
        Test-Path -LiteralPath "$nas/one.m4a" | Should -BeFalse

        $result = Invoke-ArtifactSync -Repair $plan -Config $space.Config
        $result.Committed, $result.Failed | Should -Be 2, 0
        @(Test-ArtifactSync -Config $space.Config).State | Should -Be 'Intact', 'Intact', 'Intact'
        (Invoke-ArtifactSync -Config $space.Config).Unchanged | Should -Be 3

        $again = Invoke-ArtifactSync -Repair $plan -PassThru -Config $space.Config
        $again.Result | Should -Be 'Skipped', 'Skipped'
    }

    It 'says what is no repair plan' {
        $space = Initialize-SyncedSpace 'noplan'
        Set-Content -LiteralPath "$($space.Root)/plan.json" -Value '{}'
        { Invoke-ArtifactSync -Repair "$($space.Root)/plan.json" -Config $space.Config -ErrorAction Stop } | Should -Throw -ErrorId 'RepairPlanInvalid,NasSync.PowerShell.Commands.InvokeArtifactSyncCommand'
    }
}
