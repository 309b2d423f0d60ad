# One factory makes every error record; what it makes of each class of failure stands in this table.
BeforeDiscovery {
    $script:table = @(
        @{ class = 'Transient'; category = 'ResourceBusy' }
        @{ class = 'Throttled'; category = 'LimitsExceeded' }
        @{ class = 'Unavailable'; category = 'ResourceUnavailable' }
        @{ class = 'NoSpace'; category = 'QuotaExceeded' }
        @{ class = 'Permission'; category = 'PermissionDenied' }
        @{ class = 'Auth'; category = 'AuthenticationError' }
        @{ class = 'Mismatch'; category = 'InvalidResult' }
        @{ class = 'Conflict'; category = 'ResourceExists' }
        @{ class = 'Escape'; category = 'SecurityError' }
        @{ class = 'Gone'; category = 'ObjectNotFound' }
        @{ class = 'Invalid'; category = 'InvalidData' }
        @{ class = 'Config'; category = 'InvalidArgument' }
        @{ class = 'Bug'; category = 'NotSpecified' }
    )
}

BeforeDiscovery {
    # What the commands of the program are asked in ExitCodeRuleTests: the same mistake has one code and one exit code in both.
    $script:mistakes = @(
        # Before any other has looked at a job.
        @{ cmdlet = { Approve-SyncSource @common }; code = 'NothingToApprove'; exitCode = 2 }
        @{ cmdlet = { Invoke-ArtifactSync -Repair "$root/nosuch.json" @common }; code = 'RepairPlanNoFile'; exitCode = 2 }
        @{ cmdlet = { Invoke-ArtifactSync -Repair "$root/outputs" @common }; code = 'RepairPlanNoFile'; exitCode = 2 }
        @{ cmdlet = { Invoke-ArtifactSync -Repair $space.Config @common }; code = 'RepairPlanInvalid'; exitCode = 2 }
        @{ cmdlet = { Invoke-ArtifactSync "$root/nosuch" @common }; code = 'PathNotFound'; exitCode = 6 }
        @{ cmdlet = { Invoke-ArtifactSync "$root/outputs/job_1" -Artifact nosuch @common }; code = 'ArtifactUnknown'; exitCode = 2 }
        @{ cmdlet = { Invoke-ArtifactSync "$root/outputs/job_1" -Artifact job_1.m4a -Target /nosuch -WhatIf @common }; code = 'TargetUnknown'; exitCode = 2 }
        @{ cmdlet = { Invoke-ArtifactSync '' @common }; code = 'InputNamesNothing'; exitCode = 2 }
        @{ cmdlet = { Approve-SyncDestination local2 @common }; code = 'DestinationUnknown'; exitCode = 2 }
        @{ cmdlet = { Approve-SyncDestination "$root/elsewhere" @common }; code = 'NothingToApprove'; exitCode = 2 }
        @{ cmdlet = { Test-SyncDestination nosuch @common }; code = 'DestinationUnknown'; exitCode = 2 }
        @{ cmdlet = { Remove-SyncFailure 4711 @common }; code = 'FailureUnknown'; exitCode = 2 }
        @{ cmdlet = { Get-SyncFailure -JobId nosuch @common }; code = 'JobNotFound'; exitCode = 2 }
        @{ cmdlet = { Test-ArtifactSync -JobId nosuch @common }; code = 'JobNotFound'; exitCode = 2 }
        @{ cmdlet = { Get-SyncManifest -JobId nosuch @common }; code = 'JobNotFound'; exitCode = 2 }
        @{ cmdlet = { Test-ArtifactSync -Destination nosuch @common }; code = 'DestinationUnknown'; exitCode = 2 }
        @{ cmdlet = { Test-ArtifactSync -Destination "$root/elsewhere" @common }; code = 'DestinationUnknown'; exitCode = 2 }
        @{ cmdlet = { Test-ArtifactSync -Plan "$root/nosuch/plan.json" @common }; code = 'RepairPlanNoFile'; exitCode = 2 }
        @{ cmdlet = { Test-ArtifactSync -Sample many @common }; code = 'SampleInvalid'; exitCode = 2 }
        @{ cmdlet = { New-SyncConfig $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue }; code = 'FileExists'; exitCode = 2 }
        @{ cmdlet = { New-SyncConfig "$root/nosuch/x.yaml" -ErrorVariable problems -ErrorAction SilentlyContinue }; code = 'NotWritable'; exitCode = 6 }
        @{ cmdlet = { Get-SyncConfig nosuch @common }; code = 'SettingUnknown'; exitCode = 2 }
        @{ cmdlet = { Get-SyncManifest @common | Resolve-SyncRoute -Route nosuch @common }; code = 'RouteUnknown'; exitCode = 2 }
        @{ cmdlet = { Get-SyncWatcher 4711 -ErrorVariable problems -ErrorAction SilentlyContinue }; code = 'WatcherUnknown'; exitCode = 2 }
    )
}

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule

    function ConvertTo-Record([NasSync.Failure] $Failure, [object] $Target) {
        $own = [System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ 'NasSync'
        $factory = ($own.Assemblies | Where-Object { $_.GetName().Name -eq 'NasSync.PowerShell' }).GetType('NasSync.PowerShell.ErrorRecords')
        $factory.GetMethod('From').Invoke($null, @($Failure, $Target, $null))
    }
}

Describe 'The error record of a failure' {
    It 'has id, category, target, message and recommended action: <class>' -ForEach $table {
        $record = ConvertTo-Record ([NasSync.Failure]::new($class, 'SampleCode', 'The sample failed.', 'Mend the sample.')) 'sample.m4a'
        $record.FullyQualifiedErrorId | Should -Be 'SampleCode'
        $record.CategoryInfo.Category | Should -Be $category
        $record.TargetObject | Should -Be 'sample.m4a'
        "$record" | Should -Be 'The sample failed. [SampleCode]'
        $record.ErrorDetails.RecommendedAction | Should -Be 'Mend the sample.'
        $record.Exception.Failure.Code | Should -Be 'SampleCode'
    }

    It 'is made for every class there is' -ForEach @{ known = @($table.class) } {
        [Enum]::GetNames([NasSync.FailureClass]) | Sort-Object | Should -Be ($known | Sort-Object)
    }
}

Describe 'The exit code of a mistake' {
    BeforeAll {
        $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive 'mistakes')
        $script:root = Split-Path -Path $space.Config
        $null = Write-TestJob -Outputs $space.Outputs -JobId job_1
        $script:page = Get-Content -Raw -LiteralPath "$PSScriptRoot/../../docs/errors.md"
    }

    It 'is that of the table, as in the program: <code> of <cmdlet>' -ForEach $mistakes {
        $common = @{ Config = $space.Config; ErrorAction = 'SilentlyContinue'; ErrorVariable = 'problems' }
        # Some say it of an item, some end with it.
        $Error.Clear()
        $made = $null
        try { $made = . $cmdlet } catch { $null = $_ }
        $found = @($Error | Where-Object { $_.FullyQualifiedErrorId -like "$code,*" })
        $found | Should -HaveCount 1 -Because "$Error"
        [int]$found[0].Exception.ExitCode | Should -Be $exitCode
        if ($made -is [NasSync.SyncResult]) { [int]$made.ExitCode | Should -Be $exitCode }
        $page | Should -Match "(?m)^\| ``$code`` \| .* \| $exitCode \|$"
    }
}
