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
        "$record" | Should -Be 'The sample failed.'
        $record.ErrorDetails.RecommendedAction | Should -Be 'Mend the sample.'
        $record.Exception.Failure.Code | Should -Be 'SampleCode'
    }

    It 'is made for every class there is' -ForEach @{ known = @($table.class) } {
        [Enum]::GetNames([NasSync.FailureClass]) | Sort-Object | Should -Be ($known | Sort-Object)
    }
}
