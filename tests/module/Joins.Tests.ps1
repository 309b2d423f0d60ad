# What one cmdlet writes the next one takes, by property; what names nothing is one error and never its text.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive 'joins [1]')
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job[1]'
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
    $config = $space.Config
    $script:outputs = @{
        item = Invoke-ArtifactSync -LiteralPath "$($space.Outputs)/job[1]" -Config $config -PassThru
        failed = Invoke-ArtifactSync "$($space.Outputs)/job_2" -Config $config -PassThru -ErrorAction Ignore
        failure = Get-SyncFailure -Config $config
        manifest = Get-SyncManifest -LiteralPath "$($space.Outputs)/job[1]"
        result = Invoke-ArtifactSync -Config $config -ErrorAction Ignore
        setting = (Get-SyncConfig -Config $config)[0]
        problem = [NasSync.ConfigProblem]::new('Error', 'x', 1, 1, 'x', 'x')
    }
    $outputs.decision = $outputs.manifest | Resolve-SyncRoute -Config $config
    $outputs.jobresult = [NasSync.SyncJobResult]@{ ManifestPath = $outputs.manifest.Path; JobId = 'job[1]' }
    foreach ($name in $outputs.Keys) { $outputs[$name] | Should -HaveCount 1 -Because $name }
}

Describe 'A join' {
    It 'leads from <from> to <to>' -ForEach @(
        foreach ($from in 'item', 'manifest', 'decision', 'jobresult') {
            foreach ($to in 'Get-SyncManifest', 'Test-ArtifactSync', 'Invoke-ArtifactSync') { @{ from = $from; to = $to } }
        }
    ) {
        foreach ($given in $outputs[$from], (ConvertFrom-Csv ($outputs[$from] | Select-Object @{ n = 'ManifestPath'; e = { $_.PSObject.Properties['ManifestPath'] ? $_.ManifestPath : $_.Path } } | ConvertTo-Csv))) {
            $made = @($given | & $to -Config $config -ErrorVariable problems -ErrorAction SilentlyContinue)
            $problems | Should -BeNullOrEmpty
            $made | Should -HaveCount 1
            switch ($to) {
                'Get-SyncManifest' { $made.JobId | Should -Be 'job[1]' }
                'Test-ArtifactSync' { $made.State | Should -Be 'Intact' }
                'Invoke-ArtifactSync' { $made.Unchanged | Should -Be 1 }
            }
        }
    }

    It 'leads from a copy that is lost to the job that can make it again' {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'lost')
        $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_1'
        Remove-Item -LiteralPath (Invoke-ArtifactSync -Config $own.Config -PassThru).Target
        $lost = Test-ArtifactSync -Config $own.Config | Where-Object IsLost
        ($lost | Get-SyncManifest).JobId | Should -Be 'job_1'
        ($lost | Test-ArtifactSync -Config $own.Config).State | Should -Be 'Missing'
        ($lost | Invoke-ArtifactSync -Config $own.Config -Force).Committed | Should -Be 1
    }

    It 'leads from a failure to its manifest, to another try, and from a job to its failures' {
        ($outputs.failure | Get-SyncManifest).JobId | Should -Be 'job_2'
        ($outputs.failed | Get-SyncManifest).JobId | Should -Be 'job_2'
        ($outputs.failure | Resume-ArtifactSync -Config $config -ErrorAction Ignore).Failed | Should -Be 1
        foreach ($from in 'failed', 'failure') { ($outputs[$from] | Get-SyncFailure -Config $config).Code | Should -Be 'SourceGone' }
        $outputs.item | Get-SyncFailure -Config $config | Should -BeNullOrEmpty
        (Get-SyncManifest @($outputs.item, $outputs.failure)).JobId | Should -Be 'job[1]', 'job_2'
    }

    It 'refuses <from> for <to> with one error' -ForEach @(
        foreach ($from in 'result', 'setting', 'problem') {
            foreach ($to in 'Get-SyncManifest', 'Test-ArtifactSync', 'Invoke-ArtifactSync', 'Test-SyncConfig') { @{ from = $from; to = $to } }
        }
        @{ from = 'item'; to = 'Test-SyncConfig' }, @{ from = 'item'; to = 'Unregister-SyncTask' }, @{ from = 'manifest'; to = 'Test-SyncDestination' }
    ) {
        $words = if ($to -in 'Test-SyncConfig', 'Unregister-SyncTask') { @{} } else { @{ Config = $config } }
        if ($to -like '*-Sync*' -and $from -eq 'setting' -and $to -eq 'Test-SyncDestination') { return }
        $null = $outputs[$from] | & $to @words -ErrorVariable problems -ErrorAction SilentlyContinue
        @($problems | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }) | Should -HaveCount 1
        "$($problems[0])" | Should -BeLike '*names nothing here*'
    }
}

Describe 'Names' {
    It 'that are nobody''s are one error of the category ObjectNotFound with the name as its target: <command>' -ForEach @(
        @{ command = { Get-SyncTask zzz -Scope User -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Unregister-SyncTask zzz -Scope User -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { $outputs.manifest | Resolve-SyncRoute -Route zzz -Config $config -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Test-ArtifactSync -Destination zzz -Config $config -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Test-SyncDestination zzz -Config $config -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Get-SyncManifest $space.Outputs.Replace('[', '`[').Replace(']', '`]') -JobId zzz -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Get-SyncConfig zzz -Config $config -ErrorVariable +problems -ErrorAction SilentlyContinue } }
    ) {
        $problems = @()
        . $command | Should -BeNullOrEmpty
        $problems | Should -HaveCount 1
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problems[0].TargetObject | Should -Be 'zzz'
    }

    It 'as patterns are silent when nothing matches: <command>' -ForEach @(
        @{ command = { Get-SyncTask zzz* -Scope User } }
        @{ command = { $outputs.manifest | Resolve-SyncRoute -Route zzz* -Config $config } }
        @{ command = { Test-ArtifactSync -Destination zzz* -Config $config } }
        @{ command = { Test-SyncDestination zzz* -Config $config } }
        @{ command = { Get-SyncConfig zzz* -Config $config } }
    ) {
        $ErrorActionPreference = 'Stop'
        . $command | Should -BeNullOrEmpty
    }

    It 'of routes are patterns: -Route <route>' -ForEach @(@{ route = 'audio/*' }, @{ route = 'audio/instrumental' }, @{ route = '1' }, @{ route = '*' }) {
        $outputs.manifest | Resolve-SyncRoute -Route $route -Config $config -ErrorAction Stop | Should -HaveCount 1
    }
}

Describe 'Approve and Get-SyncConfig' {
    It 'accept what stands there now, and say when there is nothing to accept' {
        Approve-SyncDestination "$($space.Nas)/audio" -Config $config -Confirm:$false -ErrorAction Stop
        Approve-SyncSource $config -Confirm:$false -ErrorAction Stop
        Approve-SyncDestination "$($space.Root)/never" -Config $config -Confirm:$false -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'NothingToApprove,*'
    }

    It 'name the way out in the hint of a place that was set up anew' {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'anew')
        $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_1'
        $null = Invoke-ArtifactSync -Config $own.Config
        Remove-Item -LiteralPath "$($own.Nas)/audio" -Recurse -Force
        $null = New-Item -ItemType Directory -Path "$($own.Nas)/audio"
        $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_2'
        $items = Invoke-ArtifactSync -Config $own.Config -PassThru -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].ErrorDetails.RecommendedAction | Should -BeLike '*Approve-SyncDestination *'
        ($items | Where-Object Result -EQ 'Failed')[0].Hint | Should -BeLike '*Approve-SyncDestination *'
        (Get-SyncFailure -Config $own.Config)[0].Failure.Hint | Should -BeLike '*Approve-SyncDestination *'
        $root = [regex]::Match($problems[0].ErrorDetails.RecommendedAction, "'(.*)'").Groups[1].Value
        Approve-SyncDestination $root -Config $own.Config -Confirm:$false -ErrorAction Stop
        (Invoke-ArtifactSync -Config $own.Config).ExitCode | Should -Be 'Ok'
    }

    It 'show each setting with where it comes from' {
        $settings = Get-SyncConfig -Config $config
        ($settings | Where-Object Name -EQ 'outputsDir').Origin | Should -Not -Be 'default'
        ($settings | Where-Object Name -EQ 'transfers').Origin | Should -Be 'default'
        ($settings | Where-Object Name -EQ 'routes[1].to').Value | Should -BeLike '*Instrumental*'
        (Get-SyncConfig retry* -Config $config).Name | Should -Contain 'retry.maxAttempts'
    }
}

Describe 'Copy and record' {
    It 'are told apart before anything is done' {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'record')
        $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_1'
        $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_2'
        $null = New-Item -ItemType Directory -Path "$($own.Nas)/audio/Instrumental"
        Copy-Item -LiteralPath "$($own.Outputs)/job_1/job_1.m4a" -Destination "$($own.Nas)/audio/Instrumental"
        $items = Invoke-ArtifactSync -Config $own.Config -WhatIf -PassThru
        $items.Result | Should -Be 'PlannedRecord', 'Planned'
        ($items | Measure-Object -Property Bytes -Sum).Sum | Should -Be (Get-Item -LiteralPath "$($own.Outputs)/job_2/job_2.m4a").Length
        $result = Invoke-ArtifactSync -Config $own.Config -WhatIf
        $result.Committed, $result.AlreadyPresent | Should -Be 1, 1
    }
}
