BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
}

Describe 'Start-SyncWatcher' {
    BeforeEach {
        $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString()))
    }

    AfterEach {
        Get-SyncWatcher | Stop-SyncWatcher
    }

    It 'syncs a job that comes, gives its result, and stops without leaving a thread' {
        $watcher = Start-SyncWatcher -Config $space.Config
        $watcher | Should -BeOfType ([NasSync.SyncWatcher])
        $watcher.State | Should -Be 'Running'
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'

        $result = Wait-SyncWatcher $watcher -Jobs 1 -Timeout 300
        $result | Should -BeOfType ([NasSync.SyncJobResult])
        $result.JobId | Should -Be 'job_1'
        $result.Committed | Should -Be 1
        $result.Failed | Should -Be 0

        $stopped = Stop-SyncWatcher $watcher -PassThru
        $stopped.State | Should -Be 'Stopped'
        $stopped.Jobs | Should -Be 1
        Get-SyncWatcher | Should -BeNullOrEmpty

        # The folder is free: a run of its own does not find it locked.
        (Invoke-ArtifactSync $space.Outputs -Config $space.Config).Unchanged | Should -Be 1
    }

    It 'leaves neither a thread nor a watch of the system behind, however often it is started' -Skip:(-not $IsLinux) {
        function Get-Left {
            $threads = [IO.Directory]::GetDirectories('/proc/self/task') | ForEach-Object { try { [IO.File]::ReadAllText("$_/comm").Trim() } catch { '' } }
            $handles = [IO.Directory]::GetFiles('/proc/self/fd') | ForEach-Object { [IO.FileInfo]::new($_).LinkTarget }
            [pscustomobject]@{ Threads = @($threads -like 'nassync-*').Count; Watches = @($handles -eq 'anon_inode:inotify').Count }
        }
        $before = Get-Left
        foreach ($i in 1..20) {
            $watcher = Start-SyncWatcher -Config $space.Config
            if ($i -eq 1) {
                $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
                $null = Wait-SyncWatcher $watcher -Jobs 1 -Timeout 300
                $running = Get-Left
            }
            Stop-SyncWatcher $watcher
        }
        $running.Threads | Should -BeGreaterThan 0
        $running.Watches | Should -Be ($before.Watches + 1)

        # The last step of a thread, when its work has ended, is the system's.
        $clock = [Diagnostics.Stopwatch]::StartNew()
        # A thread of the test before may have been there at the start.
        do { $null = [Threading.Thread]::Yield(); $after = Get-Left } while ($after.Threads -gt $before.Threads -and $clock.Elapsed.TotalSeconds -lt 300)
        $after.Threads | Should -BeLessOrEqual $before.Threads
        $after.Watches | Should -Be $before.Watches
    }

    It 'stays in the foreground with -Wait until it has what it waits for' {
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
        $first = Start-SyncWatcher -Config $space.Config -Wait | Select-Object -First 1
        $first.JobId | Should -Be 'job_1'
        Get-SyncWatcher | Should -BeNullOrEmpty
        (Invoke-ArtifactSync $space.Outputs -Config $space.Config).Unchanged | Should -Be 1
    }

    It 'refuses a second watcher on the same work folder and leaves the first alone' {
        $watcher = Start-SyncWatcher -Config $space.Config
        { Start-SyncWatcher -Config $space.Config -ErrorAction Stop } | Should -Throw -ErrorId 'Locked*'
        (Get-SyncWatcher).Id | Should -Be $watcher.Id
        $watcher.State | Should -Be 'Running'
    }

    It 'says so when nothing came in time, and goes on' {
        $watcher = Start-SyncWatcher -Config $space.Config
        Wait-SyncWatcher $watcher -Jobs 1 -Timeout 1 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'WaitTimedOut*'
        $watcher.State | Should -Be 'Running'
    }

    It 'names a watcher that this process does not have' {
        Stop-SyncWatcher -Id 4711 -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'WatcherUnknown*'
    }

    It 'does nothing with -WhatIf' {
        Start-SyncWatcher -Config $space.Config -WhatIf | Should -BeNullOrEmpty
        Get-SyncWatcher | Should -BeNullOrEmpty
    }

    It 'tells events to whoever registers for them' {
        $watcher = Start-SyncWatcher -Config $space.Config
        $null = Register-ObjectEvent -InputObject $watcher -EventName JobFinished -SourceIdentifier nassync
        try {
            $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
            $told = Wait-Event -SourceIdentifier nassync -Timeout 300
            $told.SourceArgs[1].JobId | Should -Be 'job_1'
        }
        finally {
            Unregister-Event -SourceIdentifier nassync
        }
    }
}
