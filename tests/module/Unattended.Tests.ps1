# What people put into a scheduler is run where it fails: each script of the documentation that ends with an exit code, in a process of its own.
BeforeDiscovery {
    . "$PSScriptRoot/Support.ps1"
    $docs = "$PSScriptRoot/../../docs"

    # Parts of a text's code that end with an exit code; an empty line parts them. In a topic of the help code is indented.
    function Get-ExitScript([string] $Path, [string] $Code) {
        foreach ($part in $Code -split '(\r?\n[ \t]*){2,}') {
            $lines = @($part -split '\r?\n' | ForEach-Object { $_ -replace '^ {8}' } | Where-Object { $_ -notmatch '^\s*#' })
            if (($lines -join "`n") -cmatch '(?m)^(trap|exit) ') { @{ page = Split-Path -Path $Path -Leaf; code = $lines -join "`n"; whole = $part -match 'exit \[int\]\$' } }
        }
    }

    $script:scripts = @(
        foreach ($page in Get-ChildItem -LiteralPath "$docs/cmdlets" -Filter '*.md') {
            foreach ($example in Get-PageExample -Path $page.FullName) { Get-ExitScript $page.Name $example.code }
        }
        foreach ($page in 'powershell.md', 'guide-script.md', 'scheduling.md') {
            foreach ($match in [regex]::Matches((Get-Content -LiteralPath "$docs/$page" -Raw), '(?ms)^```powershell\n(.*?)^```$')) { Get-ExitScript $page $match.Groups[1].Value }
        }
        Get-ExitScript 'about_NasSync_Scheduling' (Get-Content -LiteralPath "$PSScriptRoot/../../module/en-US/about_NasSync_Scheduling.help.txt" -Raw)
        @{ page = 'what comes to mind'; code = 'exit (Invoke-ArtifactSync ./outputs -Config ./nas-sync.yaml).ExitCode'; whole = $true }
    )
    $script:faults = @(
        foreach ($script in $scripts) {
            @{ what = 'a wrong configuration'; code = 3; of = $script }
            if ($script.whole) { @{ what = 'no configuration'; code = 3; of = $script } }
            if ($script.whole -and $script.page -ne 'Resume-ArtifactSync.md') { @{ what = 'a lock that is held'; code = 10; of = $script } }
        }
    )
}

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    $script:world = Initialize-SampleWorld -Path (Join-Path $TestDrive 'world')
    $script:right = Get-Content -LiteralPath "$world/nas-sync.yaml" -Raw
}

Describe 'A script for a scheduler' {
    It 'is found in every place that has one' -ForEach @{ all = $scripts } {
        foreach ($page in 'Invoke-ArtifactSync.md', 'Resume-ArtifactSync.md', 'powershell.md', 'guide-script.md', 'about_NasSync_Scheduling') { $all.page | Should -Contain $page }
    }

    It 'ends with <code> for <what>: <of.page>' -ForEach $faults {
        $config = "$world/nas-sync.yaml"
        $null = New-Item -ItemType Directory -Path "$world/work" -Force
        $file = Join-Path $TestDrive 'script.ps1'
        Set-Content -LiteralPath $file -Value "Import-Module '$(Get-TestModulePath)'`nSet-Location '$world'`n$($of.code)"
        $held = $null
        try {
            switch ($what) {
                'a wrong configuration' { Set-Content -LiteralPath $config -Value "${right}`n  transfers: many" }
                'no configuration' { Remove-Item -LiteralPath $config }
                'a lock that is held' { $held = [IO.File]::Open("$world/work/lock", 'OpenOrCreate', 'ReadWrite', 'None') }
            }
            $said = pwsh -NoProfile -NonInteractive -File $file *>&1
            $LASTEXITCODE | Should -Be $code -Because "$said"
        }
        finally {
            if ($held) { $held.Dispose() }
            Set-Content -LiteralPath $config -Value $right
        }
    }

    It 'ends with 1 where the module is not there: <page>' -ForEach @($scripts | Where-Object { $_.code -match '^trap' } | Select-Object -First 1) {
        $file = Join-Path $TestDrive 'script.ps1'
        Set-Content -LiteralPath $file -Value "`$PSModuleAutoLoadingPreference = 'None'`nSet-Location '$world'`n$code"
        $null = pwsh -NoProfile -NonInteractive -File $file *>&1
        $LASTEXITCODE | Should -Be 1
    }
}
