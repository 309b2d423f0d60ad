BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
}

Describe 'Get-SyncManifest' {
    BeforeAll {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'get')
        foreach ($id in 'job_1', 'job_2', 'job_[3]') { $null = Write-TestJob -Outputs $space.Outputs -JobId $id }
    }

    It 'reads all jobs of an outputs folder' {
        $all = @(Get-SyncManifest $space.Outputs)
        $all.JobId | Should -Be 'job_1', 'job_2', 'job_[3]'
        $all[0] | Should -BeOfType ([NasSync.Manifest])
        $all[0].Artifacts[0].Path | Should -Be 'job_1.m4a'
    }

    It 'takes a job folder, a manifest file and wildcards' {
        (Get-SyncManifest "$($space.Outputs)/job_1").JobId | Should -Be 'job_1'
        (Get-SyncManifest "$($space.Outputs)/job_2/manifest.json").JobId | Should -Be 'job_2'
        (Get-SyncManifest "$($space.Outputs)/job_?").JobId | Should -Be 'job_1', 'job_2'
    }

    It 'gives nothing, and no error, for a pattern that matches nothing' {
        Get-SyncManifest "$($space.Outputs)/none*" -ErrorVariable problems | Should -BeNullOrEmpty
        $problems | Should -BeNullOrEmpty
    }

    It 'takes brackets as they stand with -LiteralPath' {
        (Get-SyncManifest -LiteralPath "$($space.Outputs)/job_[3]").JobId | Should -Be 'job_[3]'
    }

    It 'takes paths and files from the pipeline' {
        ("$($space.Outputs)/job_1", "$($space.Outputs)/job_2" | Get-SyncManifest).JobId | Should -Be 'job_1', 'job_2'
        (Get-ChildItem -LiteralPath $space.Outputs | Get-SyncManifest).JobId | Sort-Object | Should -Be ('job_1', 'job_2', 'job_[3]' | Sort-Object)
        ([pscustomobject]@{ Path = "$($space.Outputs)/job_1" } | Get-SyncManifest).JobId | Should -Be 'job_1'
        (Get-SyncManifest "$($space.Outputs)/job_1" | Get-SyncManifest).JobId | Should -Be 'job_1'
    }

    It 'starts relative paths at the location of the session, not of the process' {
        $process = [Environment]::CurrentDirectory
        Push-Location -LiteralPath $space.Outputs
        try {
            [Environment]::CurrentDirectory = [IO.Path]::GetTempPath()
            (Get-SyncManifest ./job_1).JobId | Should -Be 'job_1'
            (Get-SyncManifest -LiteralPath 'job_[3]').JobId | Should -Be 'job_[3]'
        }
        finally {
            Pop-Location
            [Environment]::CurrentDirectory = $process
        }
    }

    It 'understands drives of the session' {
        $null = New-PSDrive -Name Jobs -PSProvider FileSystem -Root $space.Outputs
        (Get-SyncManifest Jobs:/job_2).JobId | Should -Be 'job_2'
        Remove-PSDrive -Name Jobs
    }

    It 'reads the outputs folder of the configuration when no path is given' {
        (Get-SyncManifest -Config $space.Config).JobId | Should -Be 'job_1', 'job_2', 'job_[3]'
        Push-Location -LiteralPath $space.Root
        try { (Get-SyncManifest).Count | Should -Be 3 } finally { Pop-Location }
    }

    It 'reads nothing when an empty pipeline is given' {
        Push-Location -LiteralPath $space.Root
        try { @() | Get-SyncManifest | Should -BeNullOrEmpty } finally { Pop-Location }
    }

    It 'looks deeper only with -Recurse' {
        $deep = Initialize-TestSpace -Path (Join-Path $TestDrive 'deep')
        $null = Write-TestJob -Outputs "$($deep.Outputs)/2026/01" -JobId 'job_deep'
        Get-SyncManifest $deep.Outputs | Should -BeNullOrEmpty
        (Get-SyncManifest $deep.Outputs -Recurse).JobId | Should -Be 'job_deep'
    }

    It 'gives one error for each manifest that cannot be read, and reads the others' {
        $mixed = Initialize-TestSpace -Path (Join-Path $TestDrive 'mixed')
        foreach ($id in 'job_a', 'job_b', 'job_c', 'job_d') { $null = Write-TestJob -Outputs $mixed.Outputs -JobId $id }
        Set-Content -LiteralPath "$($mixed.Outputs)/job_b/manifest.json" -Value '{ "job_id": "job_b", "artifacts": [' -NoNewline
        Set-Content -LiteralPath "$($mixed.Outputs)/job_c/manifest.json" -Value '{ "job_id": "job_c", "artifacts": [ { "kind": "audio", "path": "../../etc/passwd" } ] }'

        $good = Get-SyncManifest $mixed.Outputs -ErrorVariable problems -ErrorAction SilentlyContinue
        $good.JobId | Should -Be 'job_a', 'job_d'
        $problems.Count | Should -Be 2
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'ManifestIncomplete,NasSync.PowerShell.*'
        $problems[0].CategoryInfo.Category | Should -Be 'ResourceBusy'
        $problems[0].TargetObject | Should -Be "$($mixed.Outputs)/job_b/manifest.json"
        $problems[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $problems[1].FullyQualifiedErrorId | Should -BeLike 'EscapesJob,*'
        $problems[1].CategoryInfo.Category | Should -Be 'SecurityError'
        $problems[1].Exception | Should -BeOfType ([NasSync.FailureException])
        $problems[1].Exception.Failure.Class | Should -Be 'Escape'
    }

    It 'names what is not there, and goes on' {
        $found = Get-SyncManifest ./nothing, 'nodrive:/x', env:PATH, "$($space.Outputs)/job_1" -ErrorVariable problems -ErrorAction SilentlyContinue
        $found.JobId | Should -Be 'job_1'
        $problems | ForEach-Object { ($_.FullyQualifiedErrorId -split ',')[0] + ' ' + $_.CategoryInfo.Category } | Sort-Object |
            Should -Be 'NotAFileSystem InvalidArgument', 'PathNotFound ObjectNotFound', 'PathNotFound ObjectNotFound'
    }

    It 'stops when the pipeline has enough' {
        $many = Initialize-TestSpace -Path (Join-Path $TestDrive 'many')
        foreach ($id in 1..200) { $null = Write-TestJob -Outputs $many.Outputs -JobId ('job_{0:d3}' -f $id) -Artifact @{ path = 'a.m4a'; kind = 'audio' } }
        (Get-SyncManifest $many.Outputs | Select-Object -First 2).JobId | Should -Be 'job_001', 'job_002'
        # The session is whole afterwards.
        @(Get-SyncManifest $many.Outputs).Count | Should -Be 200
    }

    It 'ends at the first error with -ErrorAction Stop' {
        { Get-SyncManifest ./nothing, "$($space.Outputs)/job_1" -ErrorAction Stop } | Should -Throw -ErrorId 'PathNotFound,*'
    }
}
