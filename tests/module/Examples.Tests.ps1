# Every example of the help, and every one-liner, is run on the samples: what people copy from a page must work as it stands.
BeforeDiscovery {
    . "$PSScriptRoot/Support.ps1"
    $pages = @(Get-ChildItem -LiteralPath "$PSScriptRoot/../../docs/cmdlets" -Filter '*.md') + (Get-Item -LiteralPath "$PSScriptRoot/../../docs/one-liners.md")
    $script:examples = @($pages | ForEach-Object { Get-PageExample -Path $_.FullName })
    $script:runnable = @($examples | Where-Object { -not $_.needs })
    $script:others = @($examples | Where-Object { $_.needs })
}

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:number = 0
}

Describe 'Examples' {
    It 'are two on each page of a cmdlet, and ten one-liners' -ForEach @{ all = $examples } {
        $cmdlets = (Import-PowerShellDataFile -LiteralPath "$PSScriptRoot/../../NasSync.psd1").CmdletsToExport
        foreach ($cmdlet in $cmdlets) { @($all | Where-Object { $_.page -eq $cmdlet }).Count | Should -Be 2 -Because $cmdlet }
        @($all | Where-Object { $_.page -eq 'one-liners' }).Count | Should -Be 10
        foreach ($line in $all | Where-Object { $_.page -eq 'one-liners' }) { $line.code | Should -Not -Match "`n" -Because 'it is a one-liner' }
    }

    It 'run without an error: <page>, <title>' -ForEach $runnable {
        $script:number++
        $root = Initialize-SampleWorld -Path (Join-Path $TestDrive "world $number")
        $seen = Invoke-Example -Root $root -Code $code -Before $before
        $seen.Problem | Should -BeNullOrEmpty
    }

    # Pester refuses an empty list, and today every example runs.
    if ($others) {
        It 'need <needs>: <page>, <title>' -ForEach $others -Skip {
            throw 'never run'
        }
    }
}
