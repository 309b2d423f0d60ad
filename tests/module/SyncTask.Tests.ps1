# Tasks that the system starts: their text on any system, and on Linux units in a home of the test's own.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive "tasks of Ada's")
}

Describe 'Register-SyncTask' {
    It 'gives the XML of a task on every system, with this pwsh, this module and this configuration' {
        $xml = [xml](Register-SyncTask -Config $space.Config -Every 00:05:00 -User 'CORP\nassync$' -AsXml)
        $xml.Task.xmlns | Should -Be 'http://schemas.microsoft.com/windows/2004/02/mit/task'
        $xml.Task.Triggers.TimeTrigger.Repetition.Interval | Should -Be 'PT5M'
        $xml.Task.Principals.Principal.LogonType | Should -Be 'Password'
        $xml.Task.Actions.Exec.Command | Should -BeLike "$PSHOME*pwsh*"
        $xml.Task.Actions.Exec.Arguments | Should -BeLike "*tasks of Ada''s*nas-sync.yaml*"
    }

    It 'gives XML that loads from a file, however it is saved: <encoding>' -ForEach @(
        @{ encoding = 'utf8' }, @{ encoding = 'utf8BOM' }, @{ encoding = 'unicode' }, @{ encoding = 'ascii' }
    ) {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive 'Wörk 😀')
        $file = Join-Path $TestDrive "task.$encoding.xml"
        Register-SyncTask -Config $own.Config -User 'CORP\nassync$' -AsXml | Set-Content -LiteralPath $file -Encoding $encoding
        $xml = [xml]::new()
        $xml.Load($file)
        $xml.Task.Actions.Exec.Arguments | Should -BeLike '*Wörk 😀*nas-sync.yaml*'
        $xml.Task.Principals.Principal.UserId | Should -Be 'CORP\nassync$'
    }

    It 'is written on Linux for a machine with Windows: <path>' -Skip:($IsWindows) -ForEach @(
        @{ path = 'D:\media\nas-sync.yaml' }, @{ path = '\\files\media\nas-sync.yaml' }, @{ path = 'd:/media/nas-sync.yaml' }
    ) {
        $xml = [xml](Register-SyncTask -Config $path -User 'CORP\nassync$' -AsXml)
        $xml.Task.Actions.Exec.Command | Should -Be 'pwsh.exe'
        $xml.Task.Actions.Exec.Arguments | Should -BeLike "*Import-Module -Name 'NasSync' *-Config '$path';*"
        { Register-SyncTask -Config $path -AsXml } | Should -Throw -ErrorId 'AccountNeeded,*'
    }

    It 'takes numbers for seconds, and never for ticks' {
        $xml = [xml](Register-SyncTask -Config $space.Config -Every 300 -RandomDelay 60 -TimeLimit 2h -User SYSTEM -AsXml)
        $xml.Task.Triggers.TimeTrigger.Repetition.Interval | Should -Be 'PT5M'
        $xml.Task.Triggers.TimeTrigger.RandomDelay | Should -Be 'PT1M'
        $xml.Task.Settings.ExecutionTimeLimit | Should -Be 'PT2H'
    }

    It 'gives the units on every system' {
        $units = Register-SyncTask -Config $space.Config -DailyAt 02:30, 14:30 -Scope User -AsUnit
        $units | Should -HaveCount 2
        $units[1] | Should -BeLike '*OnCalendar=[*]-[*]-[*] 02:30:00*OnCalendar=[*]-[*]-[*] 14:30:00*'
    }

    It 'refuses <problem>' -ForEach @(
        @{ problem = 'an interval that is too short'; words = @{ Every = [timespan]'00:00:30' }; id = 'ScheduleInvalid' }
        @{ problem = 'a name that is a path'; words = @{ Name = 'a/b' }; id = 'TaskNameInvalid' }
        @{ problem = 'a time limit below zero'; words = @{ TimeLimit = [timespan]'-1' }; id = 'ScheduleInvalid' }
    ) {
        { Register-SyncTask -Config $space.Config -AsXml @words } | Should -Throw -ErrorId "$id,*"
    }

    # What a scheduler does with the text: start the program with the arguments, and take its exit code for the result.
    It 'ends the task with the exit code of NasSync: <code> for <what>' -ForEach @(
        @{ what = 'a sync that is done'; code = 0; config = '' }
        @{ what = 'a configuration with a mistake'; code = 3; config = 'transfers: 0' }
        @{ what = 'a job that failed for good'; code = 6; config = '' }
        @{ what = 'another run that holds the lock'; code = 10; config = '' }
    ) {
        $own = Initialize-TestSpace -Path (Join-Path $TestDrive "code $code")
        if ($code -eq 6) {
            $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_1' -Artifact @{ path = 'gone.m4a'; kind = 'audio'; variant = 'instrumental' }
        }
        else {
            $null = Write-TestJob -Outputs $own.Outputs -JobId 'job_1'
        }
        $arguments = ([xml](Register-SyncTask -Config $own.Config -AsXml)).Task.Actions.Exec.Arguments
        $arguments | Should -Match '^-NoProfile -NonInteractive -Command "(.*)"$'
        $text = $arguments -replace '^-NoProfile -NonInteractive -Command "(.*)"$', '$1'
        if ($config) { Set-Content -LiteralPath $own.Config -Value "nasSync: { $config }" }
        $holder = $null
        try {
            if ($code -eq 10) {
                $null = New-Item -ItemType Directory -Path $own.Work -Force
                Invoke-ArtifactSync -Config $own.Config | Out-Null
                $lock = Get-ChildItem -LiteralPath $own.Work -Force -Filter '*lock*' | Select-Object -First 1
                $holder = [IO.File]::Open($lock.FullName, 'Open', 'ReadWrite', 'None')
            }
            & (Join-Path $PSHOME 'pwsh') -NoProfile -NonInteractive -Command $text *> $null
            $LASTEXITCODE | Should -Be $code
        }
        finally {
            if ($holder) { $holder.Dispose() }
        }
    }

    It 'ends the task with 1 when the module is gone' {
        $text = ([xml](Register-SyncTask -Config $space.Config -AsXml)).Task.Actions.Exec.Arguments -replace '^.* -Command "(.*)"$', '$1' -replace 'NasSync\.psd1', 'Gone.psd1'
        & (Join-Path $PSHOME 'pwsh') -NoProfile -NonInteractive -Command $text *> $null
        $LASTEXITCODE | Should -Be 1
    }
}

Describe 'Tasks of a user on Linux' -Skip:(-not $IsLinux) {
    BeforeAll {
        $script:before = $env:XDG_CONFIG_HOME
        $env:XDG_CONFIG_HOME = Join-Path $TestDrive 'config'
        $script:units = Join-Path $env:XDG_CONFIG_HOME 'systemd/user'
        # Where systemd runs, the tests' own units would be enabled in the user's.
        $script:booted = Test-Path -LiteralPath /run/systemd/system
    }

    AfterAll {
        $env:XDG_CONFIG_HOME = $before
    }

    It 'are shown and not written with -WhatIf' {
        Register-SyncTask media -Config $space.Config -Scope User -WhatIf
        Test-Path -LiteralPath $units | Should -BeFalse
    }

    It 'are registered, listed and removed' -Skip:(Test-Path -LiteralPath /run/systemd/system) {
        $task = Register-SyncTask media -Config $space.Config -Scope User -PassThru -WarningVariable said -WarningAction SilentlyContinue
        $task.Schedule | Should -Be 'every 15m'
        $task.Config | Should -Be $space.Config
        $said | Should -BeLike '*systemctl*'
        { Register-SyncTask media -Config $space.Config -Scope User } | Should -Throw -ErrorId 'FileExists,*'
        Register-SyncTask media -Config $space.Config -Scope User -AtStartup -Force -WarningAction SilentlyContinue
        foreach ($command in 'Get-SyncTask', 'Unregister-SyncTask') {
            (TabExpansion2 -inputScript "$command me" -cursorColumn ($command.Length + 3)).CompletionMatches.CompletionText | Should -Be 'media'
        }
        (Unregister-SyncTask (Get-SyncTask media) -WhatIf -ErrorVariable +failed) | Should -BeNullOrEmpty
        $failed | Should -BeNullOrEmpty
        (Get-SyncTask med* -Scope User).Schedule | Should -Be 'at startup'
        Get-SyncTask nothing* | Should -BeNullOrEmpty

        Get-SyncTask media | Unregister-SyncTask -WhatIf
        Get-SyncTask media | Should -HaveCount 1
        Get-SyncTask media | Unregister-SyncTask
        Get-ChildItem -LiteralPath $units | Should -BeNullOrEmpty
        Unregister-SyncTask media -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'TaskNotFound,*'
    }
}
