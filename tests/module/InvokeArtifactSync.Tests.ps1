BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule

    # Two songs and a clip to copy, and stems that no route takes.
    function Initialize-FilledSpace([string] $Name) {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive $Name)
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1' -Artifact @(
            @{ path = 'one.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'first song' }
            @{ path = 'stems.zip'; kind = 'stems'; variant = $null; content = 'stems' }
        )
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @(
            @{ path = 'two.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'second song' }
            @{ path = 'clip.mp4'; kind = 'video'; variant = 'source'; content = 'a clip' }
        )
        $space
    }

    # The copies, without the marks by which their folders are known again.
    function Get-Copy([object] $Space) {
        Get-ChildItem -LiteralPath $Space.Nas -Recurse -File -Force | Where-Object Name -NE '.nassync-destination' | ForEach-Object { [IO.Path]::GetRelativePath($Space.Nas, $_.FullName) } | Sort-Object
    }
}

Describe 'Invoke-ArtifactSync' {
    It 'copies what the manifests say and gives one summary' {
        $space = Initialize-FilledSpace 'manifests'
        $result = @(Get-SyncManifest $space.Outputs | Invoke-ArtifactSync -Config $space.Config)
        $result.Count | Should -Be 1
        $result[0] | Should -BeOfType ([NasSync.SyncResult])
        $result[0].Manifests | Should -Be 2
        $result[0].Committed | Should -Be 3
        $result[0].Skipped | Should -Be 1
        $result[0].Failed | Should -Be 0
        $result[0].ExitCode | Should -Be 'Ok'
        Get-Copy $space | Should -Be 'audio/Instrumental/one.m4a', 'audio/Instrumental/two.m4a', 'video/clip.mp4'
        Get-Content -LiteralPath "$($space.Nas)/video/clip.mp4" | Should -Be 'a clip'
    }

    It 'composes: Get-SyncManifest | Resolve-SyncRoute | Where-Object | Invoke-ArtifactSync' {
        $space = Initialize-FilledSpace 'decisions'
        $result = Get-SyncManifest $space.Outputs | Resolve-SyncRoute -Config $space.Config |
            Where-Object { $_.Artifact.Kind -eq 'video' } | Invoke-ArtifactSync -Config $space.Config
        $result.Committed | Should -Be 1
        Get-Copy $space | Should -Be 'video/clip.mp4'
    }

    It 'takes manifests and decisions by name, too' {
        $space = Initialize-FilledSpace 'byname'
        $manifest = Get-SyncManifest "$($space.Outputs)/job_1"
        (Invoke-ArtifactSync -Manifest $manifest -Config $space.Config).Committed | Should -Be 1
        $decision = Get-SyncManifest "$($space.Outputs)/job_2" | Resolve-SyncRoute -Config $space.Config
        (Invoke-ArtifactSync -Decision $decision -Config $space.Config).Committed | Should -Be 2
    }

    It 'takes paths, files from the pipeline, or the outputs folder of the configuration' {
        $space = Initialize-FilledSpace 'paths'
        (Invoke-ArtifactSync "$($space.Outputs)/job_1" -Config $space.Config).Committed | Should -Be 1
        (Get-Item -LiteralPath "$($space.Outputs)/job_2" | Invoke-ArtifactSync -Config $space.Config).Committed | Should -Be 2
        $again = Invoke-ArtifactSync -Config $space.Config
        $again.Manifests | Should -Be 2
        $again.Committed | Should -Be 0
        $again.Unchanged | Should -Be 3
    }

    It 'takes a folder and a job within it in one call, and does that job once' {
        $space = Initialize-FilledSpace 'within'
        $words = @{ Path = $space.Outputs, "$($space.Outputs)/job_1"; Config = $space.Config }
        $items = @(Invoke-ArtifactSync @words -PassThru)
        $items.Artifact | Sort-Object | Should -Be 'clip.mp4', 'one.m4a', 'stems.zip', 'two.m4a'
        $again = Invoke-ArtifactSync @words
        $again.Manifests, $again.Committed, $again.Unchanged, $again.Failed | Should -Be 2, 0, 3, 0
        @(Test-ArtifactSync @words).Artifact | Sort-Object | Should -Be 'clip.mp4', 'one.m4a', 'two.m4a'
    }

    It 'starts relative paths at the location of the session and finds nas-sync.yaml there' {
        $space = Initialize-FilledSpace 'relative'
        $process = [Environment]::CurrentDirectory
        Push-Location -LiteralPath $space.Root
        try {
            [Environment]::CurrentDirectory = [IO.Path]::GetTempPath()
            (Invoke-ArtifactSync ./outputs/job_1).Committed | Should -Be 1
            (Invoke-ArtifactSync).Committed | Should -Be 2
        }
        finally {
            Pop-Location
            [Environment]::CurrentDirectory = $process
        }
    }

    It 'does nothing for an empty pipeline, although a configuration names an outputs folder' {
        $space = Initialize-FilledSpace 'empty'
        $before = Get-TreeSnapshot $space.Root
        $result = @() | Invoke-ArtifactSync -Config $space.Config
        $result.Manifests | Should -Be 0
        $result.Committed | Should -Be 0
        Get-TreeSnapshot $space.Root | Should -Be $before
    }

    It 'streams one object per item with -PassThru' {
        $space = Initialize-FilledSpace 'passthru'
        $items = @(Invoke-ArtifactSync -Config $space.Config -PassThru)
        $items | Should -BeOfType ([NasSync.SyncItem])
        ($items | Where-Object Result -EQ 'Committed').Artifact | Sort-Object | Should -Be 'clip.mp4', 'one.m4a', 'two.m4a'
        $skipped = $items | Where-Object Result -EQ 'Skipped'
        $skipped.Artifact | Should -Be 'stems.zip'
        $skipped.Reason | Should -Not -BeNullOrEmpty
        $clip = $items | Where-Object Artifact -EQ 'clip.mp4'
        $clip.JobId | Should -Be 'job_2'
        $clip.Destination | Should -Be 'local'
        $clip.Target | Should -Be "$($space.Nas)/video/clip.mp4"
        $clip.Size | Should -Be 6
        $clip.Durability | Should -Be 'Fsynced'
        if ($clip.Sha256) { $clip.Sha256 | Should -Be (Get-FileHash -LiteralPath $clip.Target).Hash.ToLowerInvariant() }
        else { $clip.VerifiedBy | Should -Be 'SharedExtents' }

        ($again = @(Invoke-ArtifactSync -Config $space.Config -PassThru)).Count | Should -Be 4
        @($again | Where-Object Result -EQ 'Unchanged').Count | Should -Be 3
    }

    It 'looks again with -Force and takes a limit on transfers' {
        $space = Initialize-FilledSpace 'force'
        $null = Invoke-ArtifactSync -Config $space.Config -ThrottleLimit 1
        Set-Content -LiteralPath "$($space.Nas)/video/clip.mp4" -Value 'damaged'
        (Invoke-ArtifactSync -Config $space.Config -Force -ThrottleLimit 2).Failed | Should -Be 0
        { Invoke-ArtifactSync -Config $space.Config -ThrottleLimit 65 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'refuses hard links with -RefuseHardLinks' {
        $space = Initialize-FilledSpace 'hardlinks'
        $null = New-Item -ItemType HardLink -Path "$($space.Outputs)/second.mp4" -Target "$($space.Outputs)/job_2/clip.mp4"
        $null = Invoke-ArtifactSync -Config $space.Config -RefuseHardLinks -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'HardLinked,*'
    }

    It 'says what it did with -Verbose' {
        $space = Initialize-FilledSpace 'verbose'
        $said = Invoke-ArtifactSync -Config $space.Config -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | Out-String
        $said | Should -BeLike '*Committed: clip.mp4*'
        $said | Should -BeLike '*Skipped: stems.zip*'
    }
}

Describe 'Invoke-ArtifactSync -WhatIf and -Confirm' {
    It 'lists each item and changes nothing on disk' {
        $space = Initialize-FilledSpace 'whatif'
        $before = Get-TreeSnapshot $space.Root
        $lines = Invoke-Session -ArgumentList (Get-TestModulePath), $space.Outputs, $space.Config -ScriptBlock {
            Import-Module $args[0]
            Get-SyncManifest $args[1] | Resolve-SyncRoute -Config $args[2] | Invoke-ArtifactSync -Config $args[2] -WhatIf | ForEach-Object { "DryRun: $($_.DryRun)" }
        }
        Get-TreeSnapshot $space.Root | Should -Be $before
        $said = @($lines | Where-Object { $_ -like 'What if:*' })
        $said.Count | Should -Be 3
        $said[0] | Should -BeLike "*Copy audio/instrumental one.m4a of job_1 (10 B)*$($space.Nas)/audio/Instrumental/one.m4a*"
        $lines | Should -Contain 'DryRun: True'
    }

    It 'gives the planned items as objects with -PassThru' {
        $space = Initialize-FilledSpace 'planned'
        $before = Get-TreeSnapshot $space.Root
        $items = @(Invoke-ArtifactSync -Config $space.Config -WhatIf -PassThru)
        @($items | Where-Object Result -EQ 'Planned').Count | Should -Be 3
        @($items | Where-Object Result -EQ 'Skipped').Artifact | Should -Be 'stems.zip'
        $items.Count | Should -Be 4
        Get-TreeSnapshot $space.Root | Should -Be $before
    }

    It 'says of each item whether its source goes' {
        $space = Initialize-FilledSpace 'whatif-release'
        (Get-Content -Raw -LiteralPath $space.Config).Replace('Instrumental"', "Instrumental`"`n      release: delete") | Set-Content -LiteralPath $space.Config
        $lines = Invoke-Session -ArgumentList (Get-TestModulePath), $space.Config -ScriptBlock {
            Import-Module $args[0]
            Invoke-ArtifactSync -Config $args[1] -WhatIf -PassThru | Format-Table -Property Artifact, RemovesSource | Out-String -Width 80
        }
        $said = @($lines | Where-Object { $_ -like 'What if:*' })
        @($said -like '*m4a*then remove its source once every copy is proven*').Count | Should -Be 2
        @($said -like '*clip.mp4*' -like '*remove*').Count | Should -Be 0
        $lines -join "`n" | Should -Match 'one.m4a\s+True'
        $lines -join "`n" | Should -Match 'clip.mp4\s+False'
    }

    It 'says how many sources go, and went' {
        $space = Initialize-FilledSpace 'counts-release'
        (Get-Content -Raw -LiteralPath $space.Config).Replace('Instrumental"', "Instrumental`"`n      release: delete") | Set-Content -LiteralPath $space.Config
        $planned = Invoke-ArtifactSync -Config $space.Config -WhatIf 6>$null
        $planned.Released | Should -Be 2
        ($planned | Out-String -Width 120) | Should -BeLike '*Ok, 2 sources to remove*'
        $done = Invoke-ArtifactSync -Config $space.Config 3>$null 6>$null
        if ($done.Released -eq 0) { $done = Invoke-ArtifactSync -Config $space.Config }
        $done.Released | Should -Be 2
        ($done | Out-String -Width 120) | Should -BeLike '*Ok, 2 sources removed*'
    }

    It 'says what becomes of the folder of a finished job: <policy>' -ForEach @(
        @{ policy = 'remove'; then = 'At last remove the job''s folder, once all of job_1 is recorded' }
        @{ policy = 'archive:done'; then = 'At last move the job''s folder to */done, once all of job_1 is recorded' }
        @{ policy = 'keep'; then = $null }
    ) {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive "whatif-$($policy.Split(':')[0])")
        Add-Content -LiteralPath $space.Config -Value "  finishedJobs: $policy"
        $file = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
        # A job of which something is missing stays.
        $kept = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
        $lines = Invoke-Session -ArgumentList (Get-TestModulePath), $space.Config, (Split-Path $file), (Split-Path $kept) -ScriptBlock {
            Import-Module $args[0]
            $null = Invoke-ArtifactSync -Config $args[1] -WhatIf -ErrorAction SilentlyContinue
            # The same for each way to name jobs.
            $null = Get-SyncManifest $args[2] | Resolve-SyncRoute -Config $args[1] | Invoke-ArtifactSync -Config $args[1] -WhatIf
        }
        $said = @($lines | Where-Object { $_ -like 'What if:*At last*' })
        if ($then) {
            $said | Should -HaveCount 2
            foreach ($line in $said) { $line | Should -BeLike "What if: Performing the operation `"$then`" on target `"$($space.Outputs)/job_1`"." }
        }
        else { $said | Should -BeNullOrEmpty }
        Test-Path -LiteralPath $file | Should -BeTrue
    }

    It 'notes once of a root that it makes, and removes no source for it before the next run' {
        $space = Initialize-FilledSpace 'new-root'
        Remove-Item -LiteralPath $space.Nas -Recurse
        (Get-Content -Raw -LiteralPath $space.Config).Replace('Instrumental"', "Instrumental`"`n      release: delete") | Set-Content -LiteralPath $space.Config
        foreach ($whatIf in $true, $false) {
            # A calm notice is no warning: the host shows it, and a script finds it by its code.
            $result = Invoke-ArtifactSync -Config $space.Config -WhatIf:$whatIf -WarningVariable warned -InformationVariable noted 6>$null
            $result.ExitCode | Should -Be 'Ok'
            $warned | Should -BeNullOrEmpty
            $note = @($noted | Where-Object Tags -Contains 'NasSync')
            $note | Should -HaveCount 1
            $note[0].Tags | Should -Contain 'DestinationNew'
            "$($note[0])" | Should -BeLike "note: '$($space.Nas)' does not exist; the first copy creates it. * before the next run.*"
        }
        Test-Path -LiteralPath "$($space.Outputs)/job_1/one.m4a" | Should -BeTrue
        $null = Invoke-ArtifactSync -Config $space.Config -WarningVariable warned -InformationVariable noted
        $warned | Should -BeNullOrEmpty
        $noted | Should -BeNullOrEmpty
        Test-Path -LiteralPath "$($space.Outputs)/job_1/one.m4a" | Should -BeFalse
    }

    It 'shows a note to whoever did not ask for it, and none to whoever does not want it' {
        $space = Initialize-FilledSpace 'notes'
        Remove-Item -LiteralPath $space.Nas -Recurse
        $lines = Invoke-Session -ArgumentList (Get-TestModulePath), $space.Config -ScriptBlock {
            Import-Module $args[0]
            $null = Invoke-ArtifactSync -Config $args[1] -WhatIf
            '--- none from here on'
            $null = Invoke-ArtifactSync -Config $args[1] -WhatIf -InformationAction Ignore
            $null = Invoke-ArtifactSync -Config $args[1] -WhatIf 6>$null
        }
        $notes = @($lines | Where-Object { $_ -like 'note: *does not exist; the first copy creates it*' })
        $notes | Should -HaveCount 1
        $lines.IndexOf($notes[0]) | Should -BeLessThan $lines.IndexOf('--- none from here on')
    }

    It 'counts in its summary what would be done, and nothing as done' {
        $space = Initialize-FilledSpace 'would'
        $null = New-Item -ItemType Directory -Path "$($space.Nas)/audio/Instrumental"
        Copy-Item -LiteralPath "$($space.Outputs)/job_1/one.m4a" -Destination "$($space.Nas)/audio/Instrumental"
        $planned = Invoke-ArtifactSync -Config $space.Config -WhatIf
        $planned.Planned, $planned.PlannedRecord, $planned.Committed, $planned.AlreadyPresent | Should -Be 2, 1, 0, 0
        $planned | Should -BeOfType ([NasSync.SyncResult])
        ($planned | Format-Table | Out-String -Width 80) | Should -Match '(?m)Planned\s+PlannedRecord\s+Unchanged'
        ($planned | Format-Table | Out-String -Width 80) | Should -Not -Match 'Committed'
        ($planned | Format-List | Out-String) | Should -Not -Match 'Committed|AlreadyPresent|Rate'
        $done = Invoke-ArtifactSync -Config $space.Config
        $done.Planned, $done.PlannedRecord, $done.Committed, $done.AlreadyPresent | Should -Be 0, 0, 2, 1
        (Invoke-ArtifactSync -WhatIf -Config $space.Config -Manifest ([NasSync.Manifest]@{}) -ErrorAction Ignore).PSObject.TypeNames[0] | Should -Be 'NasSync.SyncResult#WhatIf'
    }

    It 'obeys $WhatIfPreference, and -WhatIf:$false over it' {
        $space = Initialize-FilledSpace 'preference'
        $before = Get-TreeSnapshot $space.Root
        $WhatIfPreference = $true
        try {
            (Invoke-ArtifactSync -Config $space.Config).DryRun | Should -BeTrue
            Get-TreeSnapshot $space.Root | Should -Be $before
            (Invoke-ArtifactSync -Config $space.Config -WhatIf:$false).Committed | Should -Be 3
        }
        finally { $WhatIfPreference = $false }
    }

    It 'carries out exactly what it listed' {
        $space = Initialize-FilledSpace 'same'
        $planned = Invoke-ArtifactSync -Config $space.Config -WhatIf -PassThru | Where-Object Result -EQ 'Planned'
        $done = Invoke-ArtifactSync -Config $space.Config -PassThru | Where-Object Result -EQ 'Committed'
        $done.Target | Sort-Object | Should -Be ($planned.Target | Sort-Object)
    }

    It 'asks once per item with -Confirm' {
        $space = Initialize-FilledSpace 'confirm'
        # A host that answers No, Yes, No: what is approved is copied, what is not leaves no trace.
        $answers = [System.Collections.Generic.Queue[int]]::new([int[]](1, 0, 1))
        $result = Invoke-WithAnswer -Answer $answers -Script {
            param($module, $config)
            Import-Module $module
            Invoke-ArtifactSync -Config $config -Confirm
        } -ArgumentList (Get-TestModulePath), $space.Config
        $result.Asked.Count | Should -Be 3
        $result.Asked[0] | Should -BeLike '*Copy audio/instrumental*'
        $result.Output[-1].Committed | Should -Be 1
        @(Get-Copy $space).Count | Should -Be 1
    }

    It 'asks with -Confirm whether the folders of finished jobs may go, and leaves them when not' {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'confirm-finished')
        Add-Content -LiteralPath $space.Config -Value '  finishedJobs: remove'
        $file = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
        foreach ($answer in 1, 0) {
            $result = Invoke-WithAnswer -Answer ([System.Collections.Generic.Queue[int]]::new([int[]]($answer, 0))) -Script {
                param($module, $config)
                Import-Module $module
                Invoke-ArtifactSync -Config $config -Confirm
            } -ArgumentList (Get-TestModulePath), $space.Config
            $result.Asked[0] | Should -BeLike "*remove the folder of each job that is wholly recorded*$($space.Outputs)*"
            Test-Path -LiteralPath $file | Should -Be ($answer -eq 1)
        }
    }
}

Describe 'Progress of Invoke-ArtifactSync' {
    It 'names the file, stays within 0 and 100, and ends completed' {
        $space = Initialize-FilledSpace 'progress'
        foreach ($id in 1..150) { $null = Write-TestJob -Outputs $space.Outputs -JobId ('more_{0:d3}' -f $id) }
        $seen = Invoke-WithAnswer -ArgumentList (Get-TestModulePath), $space.Config -Script {
            param($module, $config)
            Import-Module $module
            # A slow consumer holds the run back, so that it takes longer than the two quiet seconds.
            Invoke-ArtifactSync -Config $config -PassThru | ForEach-Object { Start-Sleep -Milliseconds 25; $_ }
        }
        $shown = @($seen.Progress | Where-Object RecordType -EQ 'Processing')
        $shown.Count | Should -BeGreaterThan 0
        $shown.StatusDescription | ForEach-Object { $_ | Should -BeLike '*.m4a' }
        $shown.PercentComplete | ForEach-Object { $_ | Should -BeIn (0..100) }
        $seen.Progress[-1].RecordType | Should -Be 'Completed'
    }
}

Describe 'The samples' {
    It 'are planned, synced and proven as the first page says' {
        $root = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'samples')).FullName
        $samples = (Resolve-Path -LiteralPath "$PSScriptRoot/../../samples").ProviderPath
        Copy-Item -LiteralPath "$samples/outputs", "$samples/nas-sync.yaml" -Destination $root -Recurse
        $before = Get-TreeSnapshot $root
        $planned = Get-SyncManifest "$root/outputs" | Resolve-SyncRoute | Invoke-ArtifactSync -WhatIf
        $planned.DryRun | Should -BeTrue
        Get-TreeSnapshot $root | Should -Be $before

        $items = Get-SyncManifest "$root/outputs" | Resolve-SyncRoute | Invoke-ArtifactSync -PassThru
        $copied = @($items | Where-Object Result -EQ 'Committed')
        $copied.Count | Should -Be $planned.Planned
        foreach ($item in $copied) {
            $source = Join-Path "$root/outputs" (Join-Path $item.JobId $item.Artifact)
            (Get-FileHash -LiteralPath $item.Target).Hash | Should -Be (Get-FileHash -LiteralPath $source).Hash
        }
        (Invoke-ArtifactSync "$root/outputs").Committed | Should -Be 0
    }
}

Describe 'Errors of Invoke-ArtifactSync' {
    It 'gives exactly one error for one unreadable source, and syncs the rest' {
        $space = Initialize-FilledSpace 'unreadable'
        Remove-Item -LiteralPath "$($space.Outputs)/job_1/one.m4a"
        $null = New-Item -ItemType Directory -Path "$($space.Outputs)/job_1/one.m4a"
        $result = Get-SyncManifest $space.Outputs | Invoke-ArtifactSync -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.Count | Should -Be 1
        $problems[0].TargetObject | Should -BeOfType ([NasSync.SyncItem])
        $problems[0].TargetObject.Artifact | Should -Be 'one.m4a'
        $problems[0].TargetObject.JobId | Should -Be 'job_1'
        $problems[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $problems[0].CategoryInfo.Activity | Should -Be 'Invoke-ArtifactSync'
        $result.Committed | Should -Be 2
        $result.Failed | Should -Be 1
        Get-Copy $space | Should -Be 'audio/Instrumental/two.m4a', 'video/clip.mp4'
    }

    It 'refuses a link that leads out of the job, and syncs the rest' -Skip:$IsWindows {
        $space = Initialize-FilledSpace 'escape'
        $secret = Join-Path $TestDrive 'secret.txt'
        Set-Content -LiteralPath $secret -Value 'secret'
        Remove-Item -LiteralPath "$($space.Outputs)/job_1/one.m4a"
        $null = New-Item -ItemType SymbolicLink -Path "$($space.Outputs)/job_1/one.m4a" -Target $secret
        $items = Invoke-ArtifactSync -Config $space.Config -PassThru -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'EscapesJob,NasSync.PowerShell.Commands.InvokeArtifactSyncCommand'
        $problems[0].CategoryInfo.Category | Should -Be 'SecurityError'
        @($items | Where-Object Result -EQ 'Failed').Artifact | Should -Be 'one.m4a'
        @($items | Where-Object Result -EQ 'Committed').Count | Should -Be 2
    }

    It 'gives one error for a manifest that cannot be read, with its path as target' {
        $space = Initialize-FilledSpace 'badmanifest'
        Set-Content -LiteralPath "$($space.Outputs)/job_1/manifest.json" -Value '{ "job_id": "job_1", "artifacts": [' -NoNewline
        $result = Invoke-ArtifactSync -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'ManifestIncomplete,*'
        "$($problems[0].TargetObject)" | Should -BeLike '*job_1*'
        $result.Committed | Should -Be 2
        $result.ExitCode | Should -Be 'WillRetry'
    }

    It 'gives one error for a path that is not there, and still a summary' {
        $space = Initialize-FilledSpace 'nopath'
        $result = Invoke-ArtifactSync ./nothing, "$($space.Outputs)/job_1" -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        $result.Committed | Should -Be 1
    }

    It 'is not Ok after an error of its own: <path>' -ForEach @(
        @{ path = 'nodrive:/outputs'; exitCode = 'FailedForGood' }
        @{ path = 'env:PATH'; exitCode = 'Usage' }
        @{ path = './nothing'; exitCode = 'FailedForGood' }
    ) {
        $space = Initialize-FilledSpace 'notok'
        foreach ($paths in @($path), @($path, "$($space.Outputs)/job_1")) {
            $result = Invoke-ArtifactSync -Path $paths -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue
            $problems.Count | Should -Be 1
            $result.Failed | Should -Be 1
            $result.ExitCode | Should -Be $exitCode
        }
        (Invoke-ArtifactSync $path -Config $space.Config -ErrorAction Ignore).ExitCode | Should -Be $exitCode -Because 'nobody need see the error'
    }

    It 'warns of a folder that was named and holds no job' {
        $space = Initialize-FilledSpace 'empty'
        $null = New-Item -ItemType Directory -Path "$($space.Root)/empty"
        foreach ($command in 'Invoke-ArtifactSync', 'Get-SyncManifest', 'Test-ArtifactSync') {
            $null = & $command "$($space.Root)/empty", "$($space.Outputs)/job_1" -Config $space.Config -WarningVariable warned -WarningAction SilentlyContinue
            "$warned" | Should -BeLike "*No manifest.json was found in $($space.Root)/empty.*" -Because $command
        }
    }

    It 'takes a name with brackets as it stands when it is no pattern of anything' {
        $space = Initialize-FilledSpace 'brackets'
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job[1]'
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job[x'
        (Get-SyncManifest "$($space.Outputs)/job[1]").JobId | Should -Be 'job[1]'
        (Get-SyncManifest "$($space.Outputs)/job[x").JobId | Should -Be 'job[x'
        (Invoke-ArtifactSync "$($space.Outputs)/job[1]" -Config $space.Config).Committed | Should -Be 1
        Get-SyncManifest "$($space.Outputs)/job[7]" | Should -BeNullOrEmpty
        Get-SyncManifest "$($space.Outputs)/job_[12]" | Should -HaveCount 2
    }

    It 'ends before anything happens when the configuration is wrong' {
        $space = Initialize-FilledSpace 'badconfig'
        Add-Content -LiteralPath $space.Config -Value '  transfers: many'
        $before = Get-TreeSnapshot $space.Root
        { Invoke-ArtifactSync $space.Outputs -Config $space.Config -ErrorAction Stop } | Should -Throw -ErrorId 'ConfigInvalid,*'
        $result = Invoke-ArtifactSync $space.Outputs -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.Count | Should -Be 1
        $result.ExitCode | Should -Be 'ConfigInvalid'
        Invoke-ArtifactSync $space.Outputs -Config $space.Config -PassThru -ErrorAction Ignore | Should -BeNullOrEmpty
        Get-TreeSnapshot $space.Root | Should -Be $before
    }

    It 'ends with one error when another run holds the work folder' {
        $space = Initialize-FilledSpace 'locked'
        $null = New-Item -ItemType Directory -Path $space.Work
        $held = [IO.File]::Open("$($space.Work)/lock", 'OpenOrCreate', 'ReadWrite', 'None')
        try {
            { Invoke-ArtifactSync -Config $space.Config -ErrorAction Stop } | Should -Throw -ErrorId 'Locked,*'
            (Invoke-ArtifactSync -Config $space.Config -ErrorAction Ignore).ExitCode | Should -Be 'Locked'
            # Looking is allowed meanwhile.
            (Invoke-ArtifactSync -Config $space.Config -WhatIf).Planned | Should -Be 3
        }
        finally { $held.Dispose() }
        (Invoke-ArtifactSync -Config $space.Config).Committed | Should -Be 3
    }

    It 'waits for the run that holds the work folder: <how>' -ForEach @(
        @{ how = 'seconds'; wait = 600 }
        @{ how = 'the words of the configuration'; wait = '10m' }
        @{ how = 'a time span'; wait = [timespan]'00:10:00' }
    ) {
        $space = Initialize-FilledSpace "waits $how"
        $null = New-Item -ItemType Directory -Path $space.Work
        $held = [IO.File]::Open("$($space.Work)/lock", 'OpenOrCreate', 'ReadWrite', 'None')
        try {
            # The warning says that it waits, and then the other one finishes.
            $result = Invoke-ArtifactSync -Config $space.Config -WaitForLock $wait 3>&1 | ForEach-Object { if ($_ -is [System.Management.Automation.WarningRecord]) { $warned = "$_"; $held.Dispose() } else { $_ } }
            $warned | Should -BeLike '*waits up to 10m*'
            $result.Committed | Should -Be 3
        }
        finally { $held.Dispose() }
    }

    It 'gives up when the time to wait is over' {
        $space = Initialize-FilledSpace 'givesup'
        $null = New-Item -ItemType Directory -Path $space.Work
        $held = [IO.File]::Open("$($space.Work)/lock", 'OpenOrCreate', 'ReadWrite', 'None')
        try { (Invoke-ArtifactSync -Config $space.Config -WaitForLock 0.1 -ErrorAction Ignore -WarningAction Ignore).ExitCode | Should -Be 'Locked' }
        finally { $held.Dispose() }
    }

    It 'changes nothing when the configuration says dryRun, and says so in the result' {
        $space = Initialize-FilledSpace 'dryrun'
        Add-Content -LiteralPath $space.Config -Value '  dryRun: true'
        $before = Get-TreeSnapshot $space.Root
        $result = Invoke-ArtifactSync -Config $space.Config
        $result.DryRun | Should -BeTrue
        $result.Planned, $result.Committed | Should -Be 3, 0
        Get-TreeSnapshot $space.Root | Should -Be $before
    }

    It 'says so and does nothing when NasSync is switched off' {
        $space = Initialize-FilledSpace 'off'
        Add-Content -LiteralPath $space.Config -Value '  enabled: false'
        $before = Get-TreeSnapshot $space.Root
        $result = Invoke-ArtifactSync -Config $space.Config -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -BeLike '*switched off*'
        $result.Committed | Should -Be 0
        Get-TreeSnapshot $space.Root | Should -Be $before
    }
}

Describe 'Stopping Invoke-ArtifactSync' {
    It 'stops when the pipeline has enough, and the next run does the rest' {
        $space = Initialize-FilledSpace 'first'
        foreach ($id in 1..30) { $null = Write-TestJob -Outputs $space.Outputs -JobId ('more_{0:d2}' -f $id) }
        @(Invoke-ArtifactSync -Config $space.Config -PassThru -ThrottleLimit 1 | Select-Object -First 1).Count | Should -Be 1
        $rest = Invoke-ArtifactSync -Config $space.Config
        $rest.Failed | Should -Be 0
        $rest.Committed + $rest.Unchanged + $rest.AlreadyPresent | Should -Be 33
        @(Get-Copy $space).Count | Should -Be 33
    }

    It 'comes back from Ctrl-C, and the next run does the rest' {
        $space = Initialize-FilledSpace 'ctrlc'
        foreach ($id in 1..200) { $null = Write-TestJob -Outputs $space.Outputs -JobId ('more_{0:d3}' -f $id) }
        $session = [powershell]::Create()
        $null = $session.AddScript("Import-Module '$(Get-TestModulePath)'; Invoke-ArtifactSync -Config '$($space.Config)' -PassThru -ThrottleLimit 1")
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $running = $session.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
        # The first object is out: the run is in its middle.
        while ($output.Count -eq 0 -and -not $running.IsCompleted) { [System.Threading.Thread]::Yield() | Out-Null }
        $session.Stop()
        $session.InvocationStateInfo.State | Should -BeIn 'Stopped', 'Completed'
        $session.Dispose()
        $rest = Invoke-ArtifactSync -Config $space.Config
        $rest.Failed | Should -Be 0
        @(Get-Copy $space).Count | Should -Be 203
    }
}
