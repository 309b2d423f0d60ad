BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'format')
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_20260114_7f3a_with_a_very_long_name' -Artifact @(
        @{ path = 'A song with quite a long name for a column of a table.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'a' * 5000 }
        @{ path = 'stems.zip'; kind = 'stems'; variant = $null; content = 'c' }
    )
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }

    function Get-Table([object[]] $Value, [int] $Width = 120) {
        ($Value | Out-String -Width $Width).Trim("`r", "`n") -split '\r?\n' | ForEach-Object { $_ -replace '\e\[[0-9;]*m' }
    }
}

Describe 'Tables' {
    It 'fit 80, 100 and 120 columns and name their columns: <name>' -ForEach @(
        @{ name = 'Manifest'; columns = 'JobId', 'Artist', 'Title', 'Title', 'Artifacts', 'ProcessedAt'; make = { Get-SyncManifest $space.Outputs } }
        @{ name = 'RouteDecision'; columns = 'JobId', 'Artifact', 'Route', 'Targets'; make = { Get-SyncManifest $space.Outputs | Resolve-SyncRoute -Config $space.Config } }
        @{ name = 'SyncItem'; columns = 'JobId', 'Artifact', 'Result', 'Size', 'Target'; make = { Invoke-ArtifactSync -Config $space.Config -PassThru -ErrorAction Ignore } }
        @{ name = 'SyncResult'; columns = 'Manifests', 'Committed', 'Unchanged', 'AlreadyPresent', 'Failed', 'Bytes', 'ExitCode'; make = { Invoke-ArtifactSync -Config $space.Config -ErrorAction Ignore } }
        @{ name = 'PlanItem'; columns = 'JobId', 'Artifact', 'Action', 'Target', 'Reason'; make = { Get-SyncManifest $space.Outputs | Select-Object -First 1 | ForEach-Object { [NasSync.PlanItem]@{ Manifest = $_; Artifact = $_.Artifacts[0]; Action = 'Copy'; Reason = 'new' } } } }
        @{ name = 'ConfigProblem'; columns = 'Severity', 'Line', 'Column', 'Setting', 'Message'; make = { Test-SyncConfig (Join-Path $TestDrive 'none.yaml') } }
    ) {
        $value = @(& $make)
        $value.Count | Should -BeGreaterThan 0
        $value[0].PSObject.TypeNames[0] | Should -Be "NasSync.$name"
        foreach ($width in 80, 100, 120) {
            $lines = Get-Table $value $width
            foreach ($column in $columns) { $lines[0] | Should -Match "\b$column\b" -Because "$width" }
            ($lines | Measure-Object -Property Length -Maximum).Maximum | Should -BeLessOrEqual $width
        }
    }

    It 'give the message of a failure room at 80 columns' {
        $lines = Get-Table @(Get-SyncFailure -Config $space.Config) 80
        80 - $lines[0].IndexOf('Failure') | Should -BeGreaterOrEqual 30
        ($lines -join ' ') | Should -BeLike '*gone.m4a*'
    }

    It 'show sizes and durations for people' {
        [NasSync.Readable]::Size(1536) | Should -Be '1.50 KiB'
        [NasSync.Readable]::Duration([timespan]::FromSeconds(125)) | Should -Be '2 min 5 s'
    }

    It 'have colours only where the host shows them' {
        $items = Invoke-ArtifactSync -Config $space.Config -PassThru -ErrorAction Ignore
        $before = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'Ansi'
            ($items | Out-String -Width 120) | Should -Match '\e\[31mFailed'
            $PSStyle.OutputRendering = 'PlainText'
            ($items | Out-String -Width 120) | Should -Not -Match '\e\['
        }
        finally { $PSStyle.OutputRendering = $before }
    }

    It 'stay within 120 columns and keep their columns where there are colours' {
        $before = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'Ansi'
            $lines = Get-Table @(Invoke-ArtifactSync -Config $space.Config -PassThru -ErrorAction Ignore)
            ($lines | Measure-Object -Property Length -Maximum).Maximum | Should -BeLessOrEqual 120
        }
        finally { $PSStyle.OutputRendering = $before }
    }
}

Describe 'Lists' {
    It 'show sizes, times and rates for people' {
        $shown = Invoke-ArtifactSync -Config $space.Config -ErrorAction Ignore | Format-List | Out-String
        foreach ($word in 'Committed', 'Bytes', 'Elapsed', 'Rate', 'ExitCode') { $shown | Should -Match "(?m)^(\e\[[0-9;]*m)?$word\s*:" }
    }

    It 'show what a failure is, and its cure' {
        $shown = Get-SyncFailure -Config $space.Config | Format-List | Out-String
        foreach ($word in 'Code', 'Problem', 'Cure', 'NextAt') { $shown | Should -Match "(?m)^(\e\[[0-9;]*m)?$word\s*:" }
    }
}
