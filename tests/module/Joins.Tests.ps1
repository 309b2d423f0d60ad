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

Describe 'What narrows a run to one artifact' {
    BeforeAll {
        $script:one = Initialize-TestSpace -Path (Join-Path $TestDrive 'narrow')
        $songs = foreach ($name in 'a.m4a', 'b.m4a') { @{ path = $name; kind = 'audio'; variant = 'instrumental'; content = "sound of $name" } }
        $null = Write-TestJob -Outputs $one.Outputs -JobId 'job_1' -Artifact $songs
        $null = Invoke-ArtifactSync -Config $one.Config
        $script:job = "$($one.Outputs)/job_1"
        $script:target = "$($one.Nas)/audio/Instrumental/a.m4a"
    }

    It 'goes with a path of either kind' {
        foreach ($words in @{ Path = $job }, @{ LiteralPath = $job }, @{ Path = $job; Target = $target }) {
            (Invoke-ArtifactSync @words -Artifact a.m4a -PassThru -Config $one.Config -ErrorAction Stop).Artifact | Should -Be 'a.m4a'
            (Test-ArtifactSync @words -Artifact a.m4a -Config $one.Config -ErrorAction Stop).Artifact | Should -Be 'a.m4a'
        }
    }

    It 'never means more than was said: <name>' -ForEach @(
        @{ name = 'a target without an artifact'; words = { @{ LiteralPath = $job; Target = $target } }; exitCode = 'Usage' }
        @{ name = 'an artifact that is empty'; words = { @{ LiteralPath = $job; Artifact = '' } }; exitCode = 'Usage' }
        @{ name = 'a target that is empty'; words = { @{ LiteralPath = $job; Artifact = 'a.m4a'; Target = $null } }; exitCode = 'Usage' }
        @{ name = 'an artifact without a job'; words = { @{ Artifact = 'a.m4a' } }; exitCode = 'Usage' }
        @{ name = 'a full path as the artifact'; words = { @{ LiteralPath = $job; Artifact = "$job/a.m4a" } }; exitCode = 'Usage' }
        @{ name = 'an artifact that the job has not'; words = { @{ LiteralPath = $job; Artifact = 'c.m4a' } }; exitCode = 'Usage' }
    ) {
        $given = & $words
        foreach ($cmdlet in 'Invoke-ArtifactSync', 'Test-ArtifactSync') {
            $made = @(& $cmdlet @given -Config $one.Config -ErrorVariable problems -ErrorAction SilentlyContinue)
            @($problems | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }) | Should -HaveCount 1 -Because $cmdlet
            if ($cmdlet -like 'Test*') { $made | Should -BeNullOrEmpty }
            else { $made.Unchanged, $made.ExitCode | Should -Be 0, $exitCode }
        }
    }
}

Describe 'An object of the pipeline' {
    BeforeAll {
        # Two songs in one job, each of which goes to two places.
        $script:pair = Initialize-TestSpace -Path (Join-Path $TestDrive 'pair')
        (Get-Content -LiteralPath $pair.Config -Raw).Replace('to: "${remoteRoots.audio}/Instrumental"', 'to: ["${remoteRoots.audio}/one", "${remoteRoots.audio}/two"]') |
            Set-Content -LiteralPath $pair.Config
        $songs = foreach ($name in 'a.m4a', 'b.m4a') { @{ path = $name; kind = 'audio'; variant = 'instrumental'; content = "sound of $name" } }
        $null = Write-TestJob -Outputs $pair.Outputs -JobId 'job_1' -Artifact $songs
        $null = Invoke-ArtifactSync -Config $pair.Config
        $manifest = Get-SyncManifest $pair.Outputs
        $decisions = $manifest | Resolve-SyncRoute -Config $pair.Config
        $items = Invoke-ArtifactSync -Config $pair.Config -PassThru
        $findings = Test-ArtifactSync -Config $pair.Config
        $targets = foreach ($place in 'one', 'two') { foreach ($name in 'a', 'b') { "$($pair.Nas)/audio/$place/$name.m4a" } }
        $script:meaning = @{
            Manifest = @{ object = $manifest; targets = $targets }
            RouteDecision = @{ object = $decisions[1]; targets = $targets -like '*b.m4a' }
            SyncItem = @{ object = $items | Where-Object Target -Like '*two/b.m4a'; targets = $targets -like '*two/b.m4a' }
            CopyFinding = @{ object = $findings | Where-Object Target -Like '*two/b.m4a'; targets = $targets -like '*two/b.m4a' }
            PlanItem = @{
                object = [NasSync.PlanItem]@{ Manifest = $manifest; Artifact = $decisions[1].Artifact; Action = 'Copy'; Reason = 'new'; Target = $decisions[1].Targets[1] }
                targets = $targets -like '*two/b.m4a'
            }
            RecordedFailure = @{
                object = [NasSync.RecordedFailure]@{
                    Subject = 'b'; ManifestPath = $manifest.Path; JobId = 'job_1'; Artifact = 'b.m4a'; Target = $decisions[1].Targets[1]
                    Failure = [NasSync.Failure]::new('Transient', 'Busy', 'busy', 'wait'); FirstAt = [DateTimeOffset]::Now; LastAt = [DateTimeOffset]::Now
                }
                targets = $targets -like '*two/b.m4a'
            }
            SyncJobResult = @{ object = [NasSync.SyncJobResult]@{ ManifestPath = $manifest.Path; JobId = 'job_1' }; targets = $targets }
        }
        function Get-Revived([object] $Value) {
            $Value | Export-Clixml -LiteralPath "$TestDrive/one.xml" -Depth 4
            Import-Clixml -LiteralPath "$TestDrive/one.xml"
        }
    }

    It 'of the type <type> means its artifact at its target, and not the whole job, for <to>' -ForEach @(
        foreach ($type in 'Manifest', 'RouteDecision', 'SyncItem', 'CopyFinding', 'PlanItem', 'RecordedFailure', 'SyncJobResult') {
            foreach ($to in 'Invoke-ArtifactSync', 'Test-ArtifactSync') { @{ type = $type; to = $to } }
        }
    ) {
        $given = $meaning[$type]
        $words = if ($to -like 'Invoke*') { @{ PassThru = $true; Force = $true } } else { @{} }
        # As it is, from a file, and as a row of a table: what is left of it means the same.
        foreach ($object in $given.object, (Get-Revived $given.object), ($given.object | Select-Object -Property *)) {
            $made = @($object | & $to -Config $pair.Config @words -ErrorAction Stop)
            @($made.Target | Sort-Object) | Should -Be @($given.targets | Sort-Object) -Because "$($object.PSObject.TypeNames[0])"
        }
    }

    It 'of the type <type> names its manifest for Get-SyncManifest' -ForEach @(
        foreach ($type in 'Manifest', 'RouteDecision', 'SyncItem', 'CopyFinding', 'PlanItem', 'RecordedFailure', 'SyncJobResult') { @{ type = $type } }
    ) {
        $object = $meaning[$type].object
        ($object | Get-SyncManifest).JobId | Should -Be 'job_1'
        (Get-SyncManifest @($object, $object)).JobId | Should -Be 'job_1', 'job_1'
    }

    It 'is the decision or the manifest also in a list that comes as one object' {
        $own = $meaning.RouteDecision.object
        @(, @($own) | Invoke-ArtifactSync -Config $pair.Config -Force -PassThru).Artifact | Should -Be 'b.m4a', 'b.m4a'
        @(Invoke-ArtifactSync -Decision @($own) -Config $pair.Config -Force -PassThru).Artifact | Should -Be 'b.m4a', 'b.m4a'
        @(, @($meaning.Manifest.object) | Invoke-ArtifactSync -Config $pair.Config -Force -PassThru) | Should -HaveCount 4
    }

    It 'may be named by its job folder or a folder above, too: <folder>' -ForEach @(@{ folder = '/job_1' }, @{ folder = '/job_1/' }, @{ folder = '' }, @{ folder = '/../outputs' }) {
        $named = @{ LiteralPath = "$($pair.Outputs)$folder"; Artifact = 'b.m4a'; Config = $pair.Config; ErrorAction = 'Stop' }
        @(Invoke-ArtifactSync @named -Force -PassThru).Artifact | Should -Be 'b.m4a', 'b.m4a'
        @(Test-ArtifactSync @named).Artifact | Should -Be 'b.m4a', 'b.m4a'
    }

    It 'leaves its job where it is until all of it is copied' {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'finished')
        (Get-Content -LiteralPath $own.Config -Raw).Replace('to: "${remoteRoots.audio}/Instrumental"', 'to: ["${remoteRoots.audio}/one", "${remoteRoots.audio}/two"]') + "  finishedJobs: remove`n" |
            Set-Content -LiteralPath $own.Config
        $songs = foreach ($name in 'a.m4a', 'b.m4a') { @{ path = $name; kind = 'audio'; variant = 'instrumental'; content = "sound of $name" } }
        $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_1' -Artifact $songs
        $planned = Invoke-ArtifactSync -Config $own.Config -WhatIf -PassThru
        $null = $planned | Where-Object Target -Like '*/one/*' | Invoke-ArtifactSync -Config $own.Config -WarningVariable said
        $null = Get-SyncManifest $own.Outputs | Resolve-SyncRoute -Config $own.Config | Select-Object -First 1 | Invoke-ArtifactSync -Config $own.Config -WarningVariable +said
        $said | Should -BeNullOrEmpty
        Get-ChildItem -LiteralPath "$($own.Outputs)/job_1" | Should -HaveCount 3
        (Invoke-ArtifactSync -Config $own.Config).ExitCode | Should -Be 'Ok'
        Test-Path -LiteralPath "$($own.Outputs)/job_1" | Should -BeFalse
        Get-ChildItem -LiteralPath "$($own.Nas)/audio" -Recurse -Filter *.m4a | Should -HaveCount 4
    }

    It 'means the whole of what is named as a whole, too' {
        $one = $meaning.SyncItem.object
        @(@($one, $meaning.SyncJobResult.object) | Invoke-ArtifactSync -Config $pair.Config -Force -PassThru) | Should -HaveCount 4
        @(@($one, (Get-Item -LiteralPath $pair.Outputs)) | Test-ArtifactSync -Config $pair.Config) | Should -HaveCount 4
    }

    It 'is the manifest that was read, whatever its file has become' {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'meanwhile')
        $file = Write-TestJob -Outputs $own.Outputs -JobId 'job_1'
        $manifest = Get-SyncManifest $own.Outputs
        Set-Content -LiteralPath $file -Value '{ "job_id": "other", "artifacts": [] }'
        ($manifest | Resolve-SyncRoute -Config $own.Config).JobId | Should -Be 'job_1'
        ($manifest | Invoke-ArtifactSync -Config $own.Config -PassThru -WhatIf).Artifact | Should -Be 'job_1.m4a'
        ($manifest | Get-SyncManifest).JobId | Should -Be 'other'
    }

    It 'that the manifest does not list any more is one error' {
        $lost = [pscustomobject]@{ ManifestPath = $meaning.Manifest.object.Path; Artifact = 'gone.m4a' }
        $result = $lost | Invoke-ArtifactSync -Config $pair.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'ArtifactUnknown,*'
        $result.Failed, $result.Committed | Should -Be 1, 0
        $nowhere = [pscustomobject]@{ ManifestPath = $meaning.Manifest.object.Path; Artifact = 'b.m4a'; Target = '/elsewhere/b.m4a' }
        $result = $nowhere | Invoke-ArtifactSync -Config $pair.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'TargetUnknown,*'
        $result.ExitCode, $result.Failed | Should -Be 'Usage', 1
    }

    It 'is no argument where its text names nothing: <type> for <to>' -ForEach @(
        foreach ($type in 'Manifest', 'RouteDecision', 'SyncItem') { foreach ($to in 'Invoke-ArtifactSync', 'Test-ArtifactSync') { @{ type = $type; to = $to } } }
    ) {
        $object = $meaning[$type].object
        foreach ($argument in $object, @($object, $object)) { { & $to $argument -Config $pair.Config -ErrorAction Stop } | Should -Throw '*down the pipeline*' }
    }

    It 'that names nothing is an error that the summary knows: <given>' -ForEach @(
        @{ given = 'nothing'; make = { $null } }, @{ given = 'an empty line'; make = { '' } }, @{ given = 'a summary'; make = { [NasSync.SyncResult]::new() } }
        @{ given = 'a row without a manifest'; make = { [pscustomobject]@{ ManifestPath = ''; Artifact = 'a.m4a' } } }
    ) {
        $object = & $make
        $result = @($object, (Get-Item -LiteralPath $pair.Outputs)) | Invoke-ArtifactSync -Config $pair.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        @($problems).FullyQualifiedErrorId | Should -BeLike 'InputNamesNothing,*'
        $result.ExitCode, $result.Failed, $result.Unchanged | Should -Be 'Usage', 1, 4
    }

    It 'is still its artifact after JSON' {
        $json = $meaning.RouteDecision.object | ConvertTo-Json -Depth 4 -WarningAction Ignore | ConvertFrom-Json
        ($json | Test-ArtifactSync -Config $pair.Config).Artifact | Should -Be 'b.m4a', 'b.m4a'
    }

    It 'of a job whose name is a pattern means that job for Get-SyncFailure' {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'patterns')
        foreach ($id in 'job[1]', 'job1') { $null = Write-TestJob -Outputs $own.Outputs -JobId $id -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null } }
        $failed = Invoke-ArtifactSync -Config $own.Config -PassThru -ErrorAction Ignore | Where-Object JobId -EQ 'job[1]'
        ($failed | Get-SyncFailure -Config $own.Config).JobId | Should -Be 'job[1]'
    }

    It 'of a manifest that cannot be read leads to its failure' {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'unreadable')
        $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_2' -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
        Set-Content -LiteralPath (Write-TestJob -Outputs $own.Outputs -JobId 'job_1') -Value 'nothing'
        $items = Invoke-ArtifactSync -Config $own.Config -PassThru -ErrorAction Ignore
        $found = $items | Where-Object JobId -EQ $null | Get-SyncFailure -Config $own.Config -ErrorAction Stop
        $found.ManifestPath | Should -Be "$($own.Outputs)/job_1/manifest.json"
        @($items | Get-SyncFailure -Config $own.Config -ErrorAction Stop) | Should -HaveCount 2
        { Get-SyncFailure -JobId '' -Config $own.Config } | Should -Throw -ErrorId 'InputNamesNothing,*'
    }

    It 'that is a copy which is well names its manifest' {
        foreach ($finding in Test-ArtifactSync -Config $pair.Config) { $finding.ManifestPath | Should -Be $meaning.Manifest.object.Path }
    }
}

Describe 'Names' {
    It 'that are nobody''s are one error of the category ObjectNotFound with the name as its target: <command>' -ForEach @(
        @{ command = { Get-SyncTask zzz -Scope User -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Unregister-SyncTask zzz -Scope User -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { $outputs.manifest | Resolve-SyncRoute -Route zzz -Config $config -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Test-ArtifactSync -Destination zzz -Config $config -ErrorVariable +problems -ErrorAction SilentlyContinue } }
        @{ command = { Test-ArtifactSync -JobId zzz -Config $config -ErrorVariable +problems -ErrorAction SilentlyContinue } }
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

    It 'name the way out in the hint of a place that was set up again' {
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
        (Get-SyncConfig otlpEndpoint -Config $config -ErrorAction Stop).Value | Should -BeNullOrEmpty
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
        $result.Planned, $result.PlannedRecord | Should -Be 1, 1
    }
}
