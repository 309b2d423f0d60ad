# Every type that a cmdlet writes comes back from a file, a job or another machine with all that it said.
BeforeDiscovery {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:types = @((Get-Command -Module NasSync).OutputType.Name | Where-Object { $_ -like 'NasSync.*' } | Sort-Object -Unique | ForEach-Object { @{ type = $_ } })
}

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:noon = [DateTimeOffset]::new(639170000000000000 + 1234567, [timespan]::FromMinutes(330))
    $failure = [NasSync.Failure]::new('Throttled', 'Busy', 'The place is busy.', 'Wait a little.')
    $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'world')
    $file = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
    $manifest = (Get-Content -LiteralPath $file -Raw | ConvertFrom-Json -AsHashtable)
    $manifest.processed_at = '2026-01-14T09:30:00.1234567+05:30'
    $manifest.bpm = 128
    $manifest.loudness = @{ lufs = -14.5; peaks = @(@{ at = 1; true = @{ deep = @{ deeper = @(1, 'two', $null, $true) } } }) }
    $manifest.stems_generated = @('drums', 'bass')
    $manifest.youtube = @{ video_id = 'x'; online_duration_sec = 12.5 }
    $manifest.artifacts[0].duration_sec = 61.25
    $manifest | ConvertTo-Json -Depth 9 | Set-Content -LiteralPath $file
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
    $items = Invoke-ArtifactSync -Config $space.Config -PassThru -ErrorAction Ignore
    $copies = Test-ArtifactSync -Config $space.Config

    # One rich object of each type; a cmdlet that writes another type needs another line here.
    $script:samples = @{
        'NasSync.Manifest' = Get-SyncManifest "$($space.Outputs)/job_1"
        'NasSync.RouteDecision' = Get-SyncManifest "$($space.Outputs)/job_1" | Resolve-SyncRoute -Config $space.Config
        'NasSync.SyncItem' = $items | Where-Object Result -EQ 'Committed'
        'NasSync.SyncResult' = Invoke-ArtifactSync "$($space.Outputs)/job_1" -Config $space.Config
        'NasSync.RecordedFailure' = Get-SyncFailure -Config $space.Config
        'NasSync.CopyFinding' = $copies
        'NasSync.SyncSetting' = Get-SyncConfig outputsDir -Config $space.Config
        'NasSync.ConfigProblem' = [NasSync.ConfigProblem]::new('Warning', 'nas-sync.yaml', 3, 7, 'nasSync.transfers', 'It is odd.')
        'NasSync.DestinationTestResult' = [NasSync.DestinationTestResult]@{
            Destination = 'vault'; Group = 'names'; Promise = 'Names are kept.'; Outcome = 'NotApplicable'; Detail = 'It cannot.'; Elapsed = [timespan]::FromTicks(1234567)
        }
        'NasSync.Capabilities' = [NasSync.Capabilities]@{
            Destination = 'vault'; AtomicReplace = $true; ServerHash = 'sha256'; MtimePrecisionNs = 1; CaseSensitive = $false; LongestName = 255; FreeBytes = 1TB; Server = 'x'
        }
        'NasSync.SyncTask' = [NasSync.SyncTask]@{ Name = 'media'; Schedule = 'every 15m'; Config = '/a.yaml'; Path = '/b.timer'; Scope = 'User'; State = 'active'; LastResult = 'WillRetry'; LastRun = $noon }
        'NasSync.SyncJobResult' = [NasSync.SyncJobResult]@{ JobId = 'job_1'; ManifestPath = $file; Committed = 3; Bytes = 5GB; Elapsed = [timespan]::FromTicks(1234567); ExitCode = 'SafetyStop' }
        'NasSync.SyncWatcher' = [NasSync.SyncWatcher]::new(7, $space.Outputs, $noon)
    }
    $samples['NasSync.SyncWatcher'].Count($samples['NasSync.SyncJobResult'])
    $samples['NasSync.SyncWatcher'].Become('Failed', $failure)

    # Compares what is plain as a value of its own type, and all else property by property.
    function Assert-Same([object] $Before, [object] $After, [string] $Where) {
        if ($null -eq $Before) { $After | Should -BeNullOrEmpty -Because $Where; return }
        # A time that is written a second time is its parts.
        if ($Before -is [DateTimeOffset] -and $After.PSObject.TypeNames[0] -eq 'Deserialized.System.DateTimeOffset') { $After = [DateTimeOffset]::new($After.DateTime.Ticks, $After.Offset) }
        if ($Before -is [string] -or $Before -is [enum] -or $Before -is [timespan] -or $Before -is [DateTimeOffset] -or $Before.GetType().IsPrimitive) {
            $After | Should -BeOfType $Before.GetType() -Because $Where
            $After | Should -BeExactly $Before -Because $Where
            return
        }
        if ($Before -is [System.Collections.IEnumerable] -and $Before.PSObject.Properties['Keys']) {
            foreach ($key in $Before.Keys) { Assert-Same $Before[$key] $After[$key] "$Where[$key]" }
            return
        }
        if ($Before -is [System.Collections.IEnumerable]) {
            $was, $is = @($Before), @($After)
            $is.Count | Should -Be $was.Count -Because $Where
            for ($i = 0; $i -lt $was.Count; $i++) { Assert-Same $was[$i] $is[$i] "$Where[$i]" }
            return
        }
        foreach ($property in $Before.PSObject.Properties) { Assert-Same $property.Value $After.($property.Name) "$Where.$($property.Name)" }
    }

    # Lists that a script cannot index would be no lists to it.
    function Assert-Indexed([object] $Value, [string] $Where) {
        foreach ($property in $Value.PSObject.Properties) {
            $list = $property.Value
            if ($null -eq $list -or $list -is [string] -or $list -is [ValueType] -or $list.PSObject.Properties['Keys']) { continue }
            if ($list -isnot [System.Collections.IEnumerable]) { Assert-Indexed $list "$Where.$($property.Name)"; continue }
            if (@($list).Count) { $list[0] | Should -Not -BeNullOrEmpty -Because "$Where.$($property.Name)" }
        }
    }

    # The names of what must be plain in JSON, at every depth, and the value that stands there.
    function Get-JsonPath([object] $Node, [string] $Where) {
        foreach ($item in @($Node)) {
            if ($item -isnot [System.Collections.IDictionary]) { continue }
            foreach ($key in $item.Keys) {
                if ($key -match 'Path$|^Root$|^Display$|^Folder$|^OutputsDir$|^Config$') { [pscustomobject]@{ Name = "$Where.$key"; Value = $item[$key] } }
                Get-JsonPath $item[$key] "$Where.$key"
            }
        }
    }
}

Describe 'An object of the type <type>' -ForEach $types {
    It 'comes back from a file with every value, and shows the same' {
        $before = $samples[$type]
        $before | Should -HaveCount 1 -Because 'every type has a sample'
        $before.PSObject.TypeNames[0] | Should -Be $type
        $kept = Join-Path $TestDrive 'kept.xml'
        $before | Export-Clixml -LiteralPath $kept
        $after = Import-Clixml -LiteralPath $kept
        $after.PSObject.TypeNames[0] | Should -Be "Deserialized.$type"
        Assert-Same $before $after $type
        ($after | Out-String -Width 100) | Should -Be ($before | Out-String -Width 100)
    }

    It 'loses nothing at the depth that jobs and remoting have' {
        $text = [System.Management.Automation.PSSerializer]::Serialize($samples[$type], 1)
        Assert-Same $samples[$type] ([System.Management.Automation.PSSerializer]::Deserialize($text)) $type
    }

    It 'shows each path as plain text in JSON' {
        $json = $samples[$type] | ConvertTo-Json -Depth 5 | ConvertFrom-Json -AsHashtable
        $paths = @(Get-JsonPath $json $type)
        foreach ($path in $paths) { $path.Value | Should -BeOfType [string] -Because $path.Name }
        $expected = @{ 'NasSync.Manifest' = 3; 'NasSync.RouteDecision' = 8; 'NasSync.RecordedFailure' = 4; 'NasSync.CopyFinding' = 7; 'NasSync.SyncItem' = 1; 'NasSync.SyncJobResult' = 1; 'NasSync.SyncTask' = 2; 'NasSync.SyncWatcher' = 2 }
        $paths.Count | Should -Be ($expected[$type] ?? 0)
    }

    It 'comes back whole when it is written and read a second time' {
        $text = [System.Management.Automation.PSSerializer]::Serialize($samples[$type], 1)
        $again = [System.Management.Automation.PSSerializer]::Serialize([System.Management.Automation.PSSerializer]::Deserialize($text), 1)
        Assert-Same $samples[$type] ([System.Management.Automation.PSSerializer]::Deserialize($again)) $type
    }

    It 'has lists that a script can index' { Assert-Indexed $samples[$type] $type }
}

Describe 'The fields of a manifest that are not ours' {
    It 'are plain values for scripts and in JSON' {
        $unknown = $samples['NasSync.Manifest'].Unknown
        $unknown.bpm | Should -BeOfType [long]
        $unknown.bpm | Should -Be 128
        $unknown.loudness.lufs | Should -Be -14.5
        $unknown.loudness.peaks[0].true.deep.deeper | Should -Be @(1, 'two', $null, $true)
        $json = $samples['NasSync.Manifest'] | ConvertTo-Json -Depth 9 | ConvertFrom-Json
        $json.Unknown.bpm | Should -Be 128
        $json.Unknown.loudness.peaks[0].true.deep.deeper | Should -Be @(1, 'two', $null, $true)
    }
}
