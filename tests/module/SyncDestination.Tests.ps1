BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule

    # Two destinations in folders of this machine, one whose folder is missing, and a host that nobody asks.
    function Initialize-Place([string] $Name) {
        $root = (New-Item -ItemType Directory -Path (Join-Path $TestDrive $Name) -Force).FullName
        $null = New-Item -ItemType Directory -Path "$root/vault", "$root/attic" -Force
        Set-Content -LiteralPath "$root/nas-sync.yaml" -Value @'
nasSync:
  destinations:
    vault: { type: local, root: vault }
    attic: { type: local, root: attic }
    away: { type: local, root: away }
    far: { type: sftp, host: nas.invalid, root: /data }
'@
        [pscustomobject]@{ Root = $root; Vault = "$root/vault"; Config = "$root/nas-sync.yaml" }
    }
}

Describe 'Test-SyncDestination' {
    It 'tries every promise, finds them kept, and leaves nothing behind' {
        $place = Initialize-Place 'kept'
        Set-Content -LiteralPath "$($place.Vault)/mine.txt" -Value 'mine'
        $results = @(Test-SyncDestination VAULT -Config $place.Config)
        $results.Count | Should -BeGreaterThan 20
        $results | ForEach-Object { $_ | Should -BeOfType ([NasSync.DestinationTestResult]) }
        $results | Where-Object Outcome -EQ 'Failed' | ForEach-Object { "$_ $($_.Detail)" } | Should -BeNullOrEmpty
        $results | Where-Object Outcome -EQ 'Passed' | Should -Not -BeNullOrEmpty
        $results.Destination | Select-Object -Unique | Should -Be 'vault'
        $results | Where-Object { -not $_.Group -or -not $_.Promise } | Should -BeNullOrEmpty
        Get-ChildItem -LiteralPath $place.Vault -Force -Recurse | ForEach-Object Name | Should -Be 'mine.txt'
    }

    It 'takes several names, and names and folders from the pipeline' {
        $place = Initialize-Place 'several'
        (Test-SyncDestination vault, attic -Probe -Config $place.Config).Destination | Should -Be 'vault', 'attic'
        ('attic', (Get-Item -LiteralPath $place.Vault) | Test-SyncDestination -Probe -Config $place.Config).Destination |
            Should -Be 'attic', (Get-Item -LiteralPath $place.Vault).FullName
        ([pscustomobject]@{ Name = 'vault'; Destination = 'attic' } | Test-SyncDestination -Probe -Config $place.Config).Destination | Should -Be 'attic'
    }

    It 'takes a folder without any configuration, from the location of the session' {
        $place = Initialize-Place 'folder'
        Remove-Item -LiteralPath $place.Config
        $process = [Environment]::CurrentDirectory
        Push-Location -LiteralPath $place.Root
        try {
            [Environment]::CurrentDirectory = [IO.Path]::GetTempPath()
            $results = @(Test-SyncDestination ./vault)
            $results.Outcome | Should -Not -Contain 'Failed'
            $results[0].Destination | Should -Be (Get-Item -LiteralPath $place.Vault).FullName
        }
        finally {
            Pop-Location
            [Environment]::CurrentDirectory = $process
        }
        Get-ChildItem -LiteralPath $place.Vault -Force | Should -BeNullOrEmpty
    }

    It 'says with -Probe only what the place can do, and leaves nothing behind' {
        $place = Initialize-Place 'probe'
        $can = @(Test-SyncDestination vault -Probe -Config $place.Config)
        $can.Count | Should -Be 1
        $can[0] | Should -BeOfType ([NasSync.Capabilities])
        $can[0].CreateOnly | Should -BeTrue
        Get-ChildItem -LiteralPath $place.Vault -Force | Should -BeNullOrEmpty
        $shown = $can | Out-String
        foreach ($word in 'Destination', 'AtomicReplace', 'FreeBytes') { $shown | Should -Match "(?m)^$word\s+:" }
    }

    It 'writes nothing with -WhatIf' -ForEach @(@{ more = @{} }, @{ more = @{ Probe = $true } }) {
        $place = Initialize-Place 'whatif'
        $then = [datetime]::new(2026, 1, 1, 0, 0, 0, [DateTimeKind]::Utc)
        [IO.Directory]::SetLastWriteTimeUtc($place.Vault, $then)
        Test-SyncDestination vault -WhatIf -Config $place.Config @more | Should -BeNullOrEmpty
        # A file that was made and removed again would show here.
        [IO.Directory]::GetLastWriteTimeUtc($place.Vault) | Should -Be $then
        Get-ChildItem -LiteralPath $place.Vault -Force | Should -BeNullOrEmpty
    }

    It 'does nothing when the question is answered with no' {
        $place = Initialize-Place 'declined'
        $seen = Invoke-WithAnswer -Answer ([System.Collections.Generic.Queue[int]]::new([int[]] (1, 0))) -ArgumentList (Get-TestModulePath), $place.Config -Script {
            param($module, $config)
            Import-Module $module
            Test-SyncDestination vault, attic -Probe -Confirm -Config $config
        }
        $seen.Asked.Count | Should -Be 2
        $seen.Asked[0] | Should -BeLike '*vault*'
        $seen.Output.Destination | Should -Be 'attic'
    }

    It 'tells an unknown name with the nearest one, and goes on' {
        $place = Initialize-Place 'unknown'
        $can = Test-SyncDestination vualt, attic -Probe -Config $place.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $can.Destination | Should -Be 'attic'
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'DestinationUnknown,*'
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problems[0].TargetObject | Should -Be 'vualt'
        "$($problems[0])" | Should -BeLike "*'vualt'*did you mean 'vault'? *"
        $problems[0].ErrorDetails.RecommendedAction | Should -BeLike '*path*'
    }

    It 'tells a place that is not there, makes no folder, and goes on: <name>' -ForEach @(@{ name = 'away' }, @{ name = './away' }) {
        $place = Initialize-Place 'missing'
        Push-Location -LiteralPath $place.Root
        try {
            $can = Test-SyncDestination $name, attic -Probe -ErrorVariable problems -ErrorAction SilentlyContinue
        }
        finally {
            Pop-Location
        }
        $can.Destination | Should -Be 'attic'
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'DestinationUnavailable,*'
        $problems[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        $problems[0].TargetObject | Should -Be $name
        "$($place.Root)/away" | Should -Not -Exist
    }

    It 'tells a drive that is none of files' {
        $place = Initialize-Place 'drive'
        Test-SyncDestination 'Env:/HOME', 'nodrive:/x' -Config $place.Config -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.FullyQualifiedErrorId -replace ',.*' | Should -Be 'NotAFileSystem', 'PathNotFound'
    }

    It 'removes what it made when the pipeline ends early' {
        $place = Initialize-Place 'early'
        @(Test-SyncDestination vault -Config $place.Config | Select-Object -First 3).Count | Should -Be 3
        Get-ChildItem -LiteralPath $place.Vault -Force | Should -BeNullOrEmpty
    }

    It 'ends with a configuration that has mistakes' {
        $file = Join-Path $TestDrive 'broken.yaml'
        Set-Content -LiteralPath $file -Value "nasSync:`n  transfers: 0"
        { Test-SyncDestination vault -Config $file } | Should -Throw -ErrorId 'ConfigInvalid,*'
    }

    It 'shows a table of 80 and of 120 columns' {
        $place = Initialize-Place 'table'
        $results = Test-SyncDestination vault -Config $place.Config
        foreach ($width in 80, 120) {
            $lines = ($results | Out-String -Width $width).Trim() -split '\r?\n' | ForEach-Object { $_ -replace '\e\[[0-9;]*m' }
            foreach ($column in 'Destination', 'Group', 'Outcome', 'Elapsed', 'Promise') { $lines[0] | Should -Match "\b$column\b" }
            ($lines | Measure-Object -Property Length -Maximum).Maximum | Should -BeLessOrEqual $width
            ($lines -join ' ') | Should -Match '\d m?s '
        }
    }

    It 'shows progress that names the promise and ends completed' {
        $place = Initialize-Place 'progress'
        $seen = Invoke-WithAnswer -ArgumentList (Get-TestModulePath), $place.Config -Script {
            param($module, $config)
            Import-Module $module
            # The second place is tried when the first one's results were taken: by then the quiet two seconds are over.
            'vault', 'attic' | Test-SyncDestination -Config $config | ForEach-Object { if ($_.Destination -eq 'vault') { Start-Sleep -Milliseconds 25 }; $_ }
        }
        $shown = @($seen.Progress | Where-Object RecordType -EQ 'Processing')
        $shown.Count | Should -BeGreaterThan 0
        foreach ($one in $shown) {
            $one.Activity | Should -Be 'Testing destinations'
            $one.StatusDescription | Should -BeIn $seen.Output.Promise
            $one.PercentComplete | Should -BeIn (0..100)
        }
        $seen.Progress[-1].RecordType | Should -Be 'Completed'
    }
}

Describe 'Completion of Test-SyncDestination -Name' {
    BeforeAll {
        function Get-Completion([string] $Line) { (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText }
    }

    It 'gives the names of the configuration the command would use' {
        $place = Initialize-Place 'complete'
        Get-Completion "Test-SyncDestination -Config $($place.Config) -Name " | Should -Be 'attic', 'away', 'far', 'vault'
        Get-Completion "Test-SyncDestination -Config $($place.Config) -Name vault, A" | Should -Be 'attic', 'away'
        Push-Location -LiteralPath $place.Root
        try { Get-Completion 'Test-SyncDestination v' | Should -Be 'vault' } finally { Pop-Location }
    }

    It 'gives folders once a path was begun' {
        $place = Initialize-Place 'folders'
        Push-Location -LiteralPath $place.Root
        try { Get-Completion 'Test-SyncDestination ./va' | Should -BeLike '*vault' } finally { Pop-Location }
    }
}
