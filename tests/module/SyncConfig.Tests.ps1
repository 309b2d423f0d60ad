BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
}

Describe 'Test-SyncConfig' {
    BeforeAll {
        $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive 'test')
        $script:broken = Join-Path $TestDrive 'five.yaml'
        Set-Content -LiteralPath $broken -Value @'
nasSync:
  outputsDirr: outputs
  transfers: 0
  method: pigeon
  routes:
    - match: { kind: audio }
      to: "${remoteRoots.audio}/${artst}"
      onConflict: maybe
'@
    }

    It 'writes nothing for a good file' {
        Test-SyncConfig $space.Config | Should -BeNullOrEmpty
        Test-SyncConfig $space.Config -Quiet | Should -BeTrue
    }

    It 'lists every mistake with line and column' {
        $problems = @(Test-SyncConfig -Config $broken)
        $problems | Should -BeOfType ([NasSync.ConfigProblem])
        $errors = @($problems | Where-Object Severity -EQ 'Error')
        $errors.Count | Should -Be 5
        $errors.Line | Should -Be 2, 3, 4, 7, 8
        $errors.Column | Should -Not -Contain 0
        "$($errors[0])" | Should -BeLike "*five.yaml:2:3: error: *outputsDir*"
        Test-SyncConfig $broken -Quiet | Should -BeFalse
    }

    It 'takes files from the pipeline and starts relative paths at the location of the session' {
        $process = [Environment]::CurrentDirectory
        Push-Location -LiteralPath $TestDrive
        try {
            [Environment]::CurrentDirectory = [IO.Path]::GetTempPath()
            @(Get-Item -LiteralPath $broken | Test-SyncConfig | Where-Object Severity -EQ 'Error').Count | Should -Be 5
            @('five.yaml' | Test-SyncConfig | Where-Object Severity -EQ 'Error').Count | Should -Be 5
            Test-SyncConfig ./test/nas-sync.yaml -Quiet | Should -BeTrue
        }
        finally {
            Pop-Location
            [Environment]::CurrentDirectory = $process
        }
    }

    It 'says that a file is not there' {
        $problems = @(Test-SyncConfig (Join-Path $TestDrive 'none.yaml'))
        $problems[0].Severity | Should -Be 'Error'
        $problems[0].Message | Should -BeLike '*does not exist*'
    }
}

Describe 'New-SyncConfig' {
    It 'writes a file that can be used, and gives it on' {
        $file = New-SyncConfig (Join-Path $TestDrive 'new.yaml')
        $file | Should -BeOfType ([IO.FileInfo])
        @($file | Test-SyncConfig | Where-Object Severity -EQ 'Error') | Should -BeNullOrEmpty
    }

    It 'writes nothing with -WhatIf' {
        $path = Join-Path $TestDrive 'whatif.yaml'
        New-SyncConfig $path -WhatIf | Should -BeNullOrEmpty
        $path | Should -Not -Exist
    }

    It 'keeps a file that is there unless it is told to replace it' {
        $path = Join-Path $TestDrive 'kept.yaml'
        Set-Content -LiteralPath $path -Value 'mine'
        New-SyncConfig $path -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'FileExists,*'
        $problems[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        $problems.Count | Should -Be 1
        Get-Content -LiteralPath $path | Should -Be 'mine'
        New-SyncConfig $path -Force | Should -Not -BeNullOrEmpty
        Get-Content -LiteralPath $path -Raw | Should -BeLike '*nasSync:*'
    }

    It 'writes only to a drive of files: <path>' -ForEach @(@{ path = 'Env:/nas-sync'; code = 'NotAFileSystem' }, @{ path = 'nodrive:/nas-sync.yaml'; code = 'PathNotFound' }) {
        New-SyncConfig $path -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeLike "$code,*"
        Test-Path -LiteralPath (Join-Path ([Environment]::CurrentDirectory) 'nas-sync') | Should -BeFalse
    }

    It 'says that a folder is missing' {
        New-SyncConfig (Join-Path $TestDrive 'no/such/folder.yaml') -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'NotWritable,*'
    }
}

Describe 'The -Config parameter' {
    It 'completes folders and YAML files, and nothing else' {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'complete/sub') -Force).Parent.FullName
        foreach ($name in 'a.yaml', 'b.yml', 'c.json', 'd.txt') { $null = New-Item -ItemType File -Path "$folder/$name" }
        $line = "Get-SyncManifest -Config $folder/"
        $found = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.ListItemText
        $found | Sort-Object | Should -Be 'a.yaml', 'b.yml', 'sub'
    }
}
