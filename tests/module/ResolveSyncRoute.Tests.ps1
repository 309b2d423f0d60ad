BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
}

Describe 'Resolve-SyncRoute' {
    BeforeAll {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'resolve')
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1' -Artifact @(
            @{ path = 'song.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'a' }
            @{ path = 'clip.mp4'; kind = 'video'; variant = 'source'; content = 'b' }
            @{ path = 'stems.zip'; kind = 'stems'; variant = $null; content = 'c' }
        )
    }

    It 'gives one decision for each artifact, with where it leads' {
        $decisions = Get-SyncManifest $space.Outputs | Resolve-SyncRoute -Config $space.Config
        $decisions | Should -BeOfType ([NasSync.RouteDecision])
        $decisions.Count | Should -Be 3
        $decisions[0].Route.Number | Should -Be 1
        $decisions[0].Targets[0].Display | Should -Be "$($space.Nas)/audio/Instrumental/song.m4a"
        $decisions[1].Route.Pattern | Should -Be 'video/*'
    }

    It 'says why a route did not take an artifact, and why nothing is sent' {
        $decision = Get-SyncManifest $space.Outputs | Resolve-SyncRoute -Config $space.Config | Where-Object { $_.Artifact.Kind -eq 'stems' }
        $decision.Route | Should -BeNullOrEmpty
        $decision.SkipReason | Should -Not -BeNullOrEmpty
        $decision.Verdicts.Count | Should -Be 2
        $decision.Verdicts.Matched | Should -Not -Contain $true
        $decision.Verdicts.Reason | Should -Not -Contain ''
    }

    It 'finds the configuration beside the outputs folder of the manifest' {
        Push-Location -LiteralPath ([IO.Path]::GetTempPath())
        try { (Get-SyncManifest $space.Outputs | Resolve-SyncRoute)[0].Route.Number | Should -Be 1 } finally { Pop-Location }
    }

    It 'ends with one error when the configuration is wrong' {
        $broken = Join-Path $TestDrive 'broken.yaml'
        Set-Content -LiteralPath $broken -Value "nasSync:`n  transfers: many`n"
        { Get-SyncManifest $space.Outputs | Resolve-SyncRoute -Config $broken } | Should -Throw -ErrorId 'ConfigInvalid,*'
        try { Get-SyncManifest $space.Outputs | Resolve-SyncRoute -Config $broken } catch {
            $_.CategoryInfo.Category | Should -Be 'InvalidArgument'
            $_.TargetObject | Should -Be $broken
            $_.ErrorDetails.RecommendedAction | Should -BeLike '*Test-SyncConfig*'
        }
    }
}
