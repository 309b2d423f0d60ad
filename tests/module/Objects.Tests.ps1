# Objects outlive their session: in files, in other processes, in jobs and in parallel runspaces.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive 'objects')
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
    $script:items = Invoke-ArtifactSync -Config $space.Config -PassThru -ErrorAction SilentlyContinue

    function Get-Revived([object[]] $Value) {
        $file = Join-Path $TestDrive 'revived.xml'
        $Value | Export-Clixml -LiteralPath $file -Depth 4
        Import-Clixml -LiteralPath $file
    }
}

Describe 'Objects that come back from a file or another machine' {
    It 'keep what is useful: <name>' -ForEach @(
        @{ name = 'Manifest'; properties = 'JobId', 'Artist', 'Title', 'Path', 'Folder', 'ProcessedAt'; make = { Get-SyncManifest "$($space.Outputs)/job_1" } }
        @{ name = 'RouteDecision'; properties = 'JobId', 'SkipReason'; make = { Get-SyncManifest "$($space.Outputs)/job_1" | Resolve-SyncRoute -Config $space.Config } }
        @{ name = 'SyncItem'; properties = 'JobId', 'Artifact', 'Target', 'Size', 'Sha256', 'Reason', 'Elapsed'; make = { $items | Where-Object JobId -EQ 'job_1' } }
        @{ name = 'SyncResult'; properties = 'Manifests', 'Committed', 'Failed', 'Bytes', 'Elapsed', 'DryRun'; make = { Invoke-ArtifactSync "$($space.Outputs)/job_1" -Config $space.Config } }
        @{ name = 'RecordedFailure'; properties = 'JobId', 'Artifact', 'Attempts', 'IsParked'; make = { Get-SyncFailure -Config $space.Config | Select-Object -First 1 } }
        @{ name = 'CopyFinding'; properties = 'JobId', 'Artifact', 'Target', 'Size', 'Sha256', 'IsLost'; make = { Test-ArtifactSync -Config $space.Config } }
        @{ name = 'ConfigProblem'; properties = 'Line', 'Column', 'Setting', 'Message'; make = { Test-SyncConfig (Join-Path $TestDrive 'none.yaml') | Select-Object -First 1 } }
    ) {
        $value = & $make
        $revived = Get-Revived $value
        $revived.PSObject.TypeNames | Should -Contain "Deserialized.NasSync.$name"
        foreach ($property in $properties) { "$($revived.$property)" | Should -Be "$($value.$property)" -Because $property }
        # The same table as the living object: nobody should have to look at a heap of properties.
        ($revived | Out-String -Width 120) | Should -Not -BeNullOrEmpty
    }

    It 'name enumerations by their words' {
        (Get-Revived ($items | Where-Object JobId -EQ 'job_1')).Result | Should -Be 'Committed'
    }

    It 'lose nothing on the way: every property of <name> that is plain is the same' -ForEach @(
        @{ name = 'SyncItem'; make = { $items } }
        @{ name = 'SyncResult'; make = { Invoke-ArtifactSync -Config $space.Config -ErrorAction Ignore } }
        @{ name = 'RecordedFailure'; make = { Get-SyncFailure -Config $space.Config } }
        @{ name = 'CopyFinding'; make = { Test-ArtifactSync -Config $space.Config } }
        @{ name = 'RouteDecision'; make = { Get-SyncManifest $space.Outputs | Resolve-SyncRoute -Config $space.Config } }
        @{ name = 'Manifest'; make = { Get-SyncManifest $space.Outputs } }
        @{ name = 'SyncSetting'; make = { Get-SyncConfig -Config $space.Config } }
        @{ name = 'ConfigProblem'; make = { Test-SyncConfig (Join-Path $TestDrive 'none.yaml') } }
    ) {
        $before = @(& $make)
        $after = @(Get-Revived $before)
        $after.Count | Should -Be $before.Count
        for ($i = 0; $i -lt $before.Count; $i++) {
            foreach ($property in $before[$i].PSObject.Properties) {
                if ($null -eq $property.Value -or -not ($property.Value -is [ValueType] -or $property.Value -is [string])) { continue }
                $after[$i].($property.Name) | Should -BeExactly $property.Value -Because $property.Name
                if ($property.Value -is [enum]) { $after[$i].($property.Name) | Should -BeOfType $property.Value.GetType() }
            }
            # The same table, with the reasons.
            ($after[$i] | Out-String -Width 100) | Should -Be ($before[$i] | Out-String -Width 100)
        }
    }

    It 'tell of a failed item what went wrong, how to cure it, and whose it is' {
        $failed = $items | Where-Object Result -EQ 'Failed'
        $failed.Code | Should -Be 'SourceGone'
        $failed.Hint | Should -Not -BeNullOrEmpty
        $failed.ManifestPath | Should -Be "$($space.Outputs)/job_2/manifest.json"
    }

    It 'bind by their path: a manifest from elsewhere is read again' {
        $revived = Get-Revived (Get-SyncManifest "$($space.Outputs)/job_1")
        $again = $revived | Get-SyncManifest
        $again | Should -BeOfType ([NasSync.Manifest])
        $again.JobId | Should -Be 'job_1'
        ($revived | Invoke-ArtifactSync -Config $space.Config).Unchanged | Should -Be 1
    }

    It 'give a clear error where they cannot bind' {
        $revived = Get-Revived (Get-SyncManifest "$($space.Outputs)/job_1")
        $null = $revived | Resolve-SyncRoute -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'InputObjectNotBound,*'
    }

    It 'are an error that the summary knows where only a living failure can be tried again: <given>' -ForEach @(
        @{ given = 'one from a file'; make = { Get-Revived (Get-SyncFailure -Config $space.Config) } }, @{ given = 'nothing'; make = { $null } }
        @{ given = 'a text'; make = { 'job_2' } }, @{ given = 'a number'; make = { 1 } }, @{ given = 'a list'; make = { , @('job_2', $null) } }
    ) {
        $wrong = & $make
        $result = $wrong | Resume-ArtifactSync -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        foreach ($problem in $problems) { $problem.FullyQualifiedErrorId | Should -BeLike 'InputNamesNothing,*' }
        $result.Failed, $result.ExitCode, $result.Manifests | Should -Be @($problems).Count, 'Usage', 0
        @($problems).Count | Should -BeGreaterThan 0
        # The living one beside it is tried.
        $result = @($wrong) + @(Get-SyncFailure -Config $space.Config) | Resume-ArtifactSync -Config $space.Config -ErrorAction Ignore
        $result.Manifests | Should -Be 1
    }
}

Describe 'Other runspaces and jobs' {
    It 'work in ForEach-Object -Parallel' {
        $module = Get-TestModulePath
        $ids = 1..8 | ForEach-Object -Parallel { Import-Module $using:module; (Get-SyncManifest "$(($using:space).Outputs)/job_1").JobId } -ThrottleLimit 4
        $ids.Count | Should -Be 8
        $ids | Select-Object -Unique | Should -Be 'job_1'
    }

    It 'give manifests to parallel runspaces as they are' {
        $module = Get-TestModulePath
        $config = $space.Config
        $routes = Get-SyncManifest "$($space.Outputs)/job_1" | ForEach-Object -Parallel { Import-Module $using:module; $_ | Resolve-SyncRoute -Config $using:config }
        $routes[0].Route.Number | Should -Be 1
    }

    It 'work in Start-ThreadJob' -Skip:(-not (Get-Command -Name Start-ThreadJob -ErrorAction Ignore)) {
        $module, $outputs, $config = (Get-TestModulePath), $space.Outputs, $space.Config
        $job = Start-ThreadJob -ScriptBlock {
            Import-Module $using:module
            Invoke-ArtifactSync "$using:outputs/job_1" -Config $using:config
        }
        ($job | Receive-Job -Wait -AutoRemoveJob).Unchanged | Should -Be 1
    }

    It 'come back from Start-Job, another process' {
        $module, $outputs, $config = (Get-TestModulePath), $space.Outputs, $space.Config
        $job = Start-Job -ScriptBlock {
            Import-Module $using:module
            Invoke-ArtifactSync "$using:outputs/job_1" -Config $using:config
        }
        $result = $job | Receive-Job -Wait -AutoRemoveJob
        $result.Unchanged | Should -Be 1
        # What a script ends with.
        [int]$result.ExitCode | Should -Be 0
        $result.PSObject.TypeNames | Should -Contain 'Deserialized.NasSync.SyncResult'
    }
}
