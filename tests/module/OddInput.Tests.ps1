# What a person may well give a cmdlet: relative paths, drives, names with brackets, objects where names belong, nothing at all.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive 'odd [1]')
    $script:missing = @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
    foreach ($id in 'job[1]', 'job_2') { $null = Write-TestJob -Outputs $space.Outputs -JobId $id -Artifact $missing }
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'well' -Artifact @{ path = 'a/song.m4a'; kind = 'audio'; variant = 'instrumental'; content = $null }
    $null = New-Item -ItemType Directory -Path (Join-Path $space.Outputs 'well/a')
    [IO.File]::WriteAllText("$($space.Outputs)/well/a/song.m4a", 'song')
    $script:items = Invoke-ArtifactSync -Config $space.Config -PassThru -ErrorAction Ignore
    Push-Location -LiteralPath $space.Root
}

AfterAll { Pop-Location }

Describe 'Get-SyncFailure -ManifestPath' {
    It 'means the manifest however it is named: <name>' -ForEach @(
        @{ name = 'relative'; path = { './outputs/job[1]/manifest.json' } }, @{ name = 'its folder'; path = { "$($space.Outputs)/job[1]" } }
        @{ name = 'on a drive'; path = { 'odd:/outputs/job[1]/manifest.json' } }, @{ name = 'a manifest object'; path = { Get-SyncManifest -LiteralPath "$($space.Outputs)/job[1]" } }
    ) {
        $null = New-PSDrive -Name odd -PSProvider FileSystem -Root $space.Root -Scope Global
        try {
            $named = & $path
            @(Get-SyncFailure -ManifestPath $named -ErrorAction Stop).JobId | Should -Be 'job[1]'
            # As a row of the pipeline, too.
            $row = [pscustomobject]@{ ManifestPath = $named -is [string] ? $named : $named.Path }
            @($row | Get-SyncFailure -ErrorAction Stop).JobId | Should -Be 'job[1]'
        }
        finally { Remove-PSDrive -Name odd -Scope Global }
    }

    It 'is an error where it names nothing: <name>' -ForEach @(
        @{ name = 'a file that is not there'; path = './outputs/nope/manifest.json'; code = 'PathNotFound' }, @{ name = 'nothing'; path = ''; code = 'InputNamesNothing' }
        @{ name = 'no file system'; path = 'Env:/PATH'; code = 'NotAFileSystem' }
    ) {
        $found = $null
        try { $found = Get-SyncFailure -ManifestPath $path -ErrorVariable problems -ErrorAction SilentlyContinue } catch { $problems = @($_) }
        $found | Should -BeNullOrEmpty
        @($problems)[0].FullyQualifiedErrorId | Should -BeLike "$code,*"
    }

    It 'narrows what -JobId names, and never widens it' {
        Get-SyncFailure job_2 -ManifestPath './outputs/job[1]' -ErrorAction Stop | Should -BeNullOrEmpty
        @(Get-SyncFailure 'job*' -ManifestPath './outputs/job[1]' -ErrorAction Stop).JobId | Should -Be 'job[1]'
        @($items | Where-Object JobId -EQ 'job_2' | Get-SyncFailure -JobId 'job*' -ErrorAction Stop).JobId | Should -Be 'job_2'
        Get-SyncFailure -ManifestPath ./outputs/well -ErrorAction Stop | Should -BeNullOrEmpty
    }
}

Describe 'An object where a name belongs' {
    It 'is taken for the name that it has, and never for its text' {
        $failed = @(Get-SyncFailure)
        @(Get-SyncFailure -JobId $failed -ErrorAction Stop) | Should -HaveCount 2
        @(Get-SyncFailure -JobId $failed[0] -ErrorAction Stop).JobId | Should -Be $failed[0].JobId
        (Get-SyncManifest -JobId ($items | Where-Object JobId -EQ 'job[1]') -ErrorAction Stop).JobId | Should -Be 'job[1]'
        (Test-ArtifactSync -JobId ($items | Where-Object JobId -EQ 'well') -ErrorAction Stop).JobId | Should -Be 'well'
        $manifest = Get-SyncManifest ./outputs/well
        ($manifest | Resolve-SyncRoute -Kind $manifest.Artifacts[0] -ErrorAction Stop).JobId | Should -Be 'well'
        ($manifest | Resolve-SyncRoute -Route ($manifest | Resolve-SyncRoute).Route -ErrorAction Stop).JobId | Should -Be 'well'
        (Get-SyncConfig (Get-SyncConfig outputsDir) -ErrorAction Stop).Name | Should -Be 'outputsDir'
        { Get-SyncFailure -JobId (Get-Date) -ErrorAction Stop } | Should -Throw
    }
}

Describe 'A cmdlet that takes nothing from the pipeline' {
    It 'says so and does nothing: <name>' -ForEach @(
        @{ name = 'Approve-SyncSource' }, @{ name = 'Start-SyncWatcher' }, @{ name = 'Register-SyncTask' }
    ) {
        # Else it would act on the configuration that is found by itself, and not on the one that was meant.
        $words = $name -eq 'Register-SyncTask' ? @{ AsUnit = $true } : @{ WhatIf = $true }
        $made = Get-Item -LiteralPath $space.Config | & $name @words -ErrorVariable problems -ErrorAction SilentlyContinue -InformationVariable said
        $made | Should -BeNullOrEmpty
        @($problems).FullyQualifiedErrorId | Should -BeLike 'InputObjectNotBound,*'
        @() | & $name @words | Should -BeNullOrEmpty
    }
}

Describe 'Approving' {
    It 'says with -WhatIf, too, that there is nothing to approve' {
        $fresh = Initialize-TestSpace -Path (Join-Path $TestDrive 'fresh')
        foreach ($run in { Approve-SyncSource $fresh.Config -WhatIf }, { Approve-SyncSource $fresh.Config }, { Approve-SyncDestination ./nas/never -WhatIf }, { Approve-SyncDestination ./nas/never }) {
            { & $run -ErrorAction Stop } | Should -Not -BeNullOrEmpty
            $problems = @(& { $ErrorActionPreference = 'Continue'; & $run } 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            $problems | Should -HaveCount 1
            $problems[0].FullyQualifiedErrorId | Should -BeLike 'NothingToApprove,*'
        }
        Approve-SyncSource $space.Config -WhatIf -ErrorAction Stop
        Approve-SyncDestination ./nas/audio -WhatIf -ErrorAction Stop
    }

    It 'means the folder that comes down the pipeline, and not one of its name here' {
        $said = Get-Item -LiteralPath "$($space.Nas)/audio" | Approve-SyncDestination -Confirm:$false -Verbose -ErrorAction Stop 4>&1
        "$said" | Should -BeLike "*$([WildcardPattern]::Escape("$($space.Nas)/audio")) is accepted as it is now*"
    }

    It 'says of a name that no destination has which there are' {
        Add-Content -LiteralPath $space.Config -Value "  destinations: { vault: { type: local, root: nas/vault } }"
        $null = Approve-SyncDestination vualt -ErrorVariable problems -ErrorAction SilentlyContinue
        @($problems).FullyQualifiedErrorId | Should -BeLike 'DestinationUnknown,*'
        "$problems" | Should -BeLike "*did you mean 'vault'*"
        $null = Approve-SyncDestination vault -ErrorVariable problems -ErrorAction SilentlyContinue
        @($problems).FullyQualifiedErrorId | Should -BeLike 'NothingToApprove,*'
    }
}

Describe 'An artifact and a target as they are typed' {
    It 'mean what the manifest and the tables have: <artifact>' -ForEach @(@{ artifact = './a/song.m4a' }, @{ artifact = 'a//song.m4a' }, @{ artifact = 'a/./song.m4a' }) {
        $target = './nas/audio/Instrumental/song.m4a'
        (Test-ArtifactSync ./outputs/well -Artifact $artifact -ErrorAction Stop).State | Should -Be 'Intact'
        (Test-ArtifactSync ./outputs/well -Artifact $artifact -Target $target -ErrorAction Stop).State | Should -Be 'Intact'
        (Invoke-ArtifactSync ./outputs/well -Artifact $artifact -Target $target -PassThru -ErrorAction Stop).Artifact | Should -Be 'a/song.m4a'
    }
}
