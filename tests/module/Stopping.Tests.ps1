# Both ways in which a pipeline ends early, again and again: the work ends, cleans up behind itself, and leaves nothing running.
BeforeDiscovery { $script:times = 20 }

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule

    # A film that is begun first and takes an hour, because the limit holds it back, sparse as it is; and a small song that is done meanwhile.
    function Initialize-SlowSpace([string] $Name) {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive $Name)
        Add-Content -LiteralPath $space.Config -Value '  bandwidthLimit: 1MiB'
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_2' -Artifact @{ path = 'song.m4a'; kind = 'audio'; variant = 'instrumental'; content = 'song' }
        $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1' -Artifact @{ path = 'film.mp4'; kind = 'video'; variant = 'source'; content = '' }
        $film = [IO.File]::OpenWrite("$($space.Outputs)/job_1/film.mp4")
        $film.SetLength(4GB)
        $film.Dispose()
        # Written before its manifest, so that nobody waits for it to settle.
        [IO.File]::SetLastWriteTimeUtc("$($space.Outputs)/job_1/film.mp4", [datetime]::UtcNow.AddMinutes(-5))
        $space
    }

    # What a run could leave: part files, and files it still holds open.
    function Get-Leftover([object] $Space) {
        Get-ChildItem -LiteralPath $Space.Nas -Recurse -Force -File | Where-Object Name -Like '*nassync-*' | Where-Object Name -NE '.nassync-destination' | ForEach-Object FullName
        if ($IsLinux) {
            Get-ChildItem -LiteralPath /proc/self/fd | ForEach-Object { $_.LinkTarget } | Where-Object { $_ -like "$($Space.Root)/*" }
        }
    }

    function Get-Part([object] $Space) { if ([IO.Directory]::Exists("$($Space.Nas)/video")) { [IO.Directory]::GetFiles("$($Space.Nas)/video", '*.nassync-part') } }

    # Comes back when bytes of the film stand at the place: the copy is in its middle then.
    function Wait-Film([object] $Space) {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        while (-not (Get-Part $Space) -and $watch.Elapsed.TotalSeconds -lt 300) { [System.Threading.Thread]::Yield() | Out-Null }
        Get-Part $Space | Should -Not -BeNullOrEmpty
    }

    function Get-ThreadCount { ([System.Diagnostics.Process]::GetCurrentProcess()).Threads.Count }

    # The last step of a thread, when its work has ended, is the system's.
    function Assert-ThreadsEnd([int] $Before) {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        do { $null = [System.Threading.Thread]::Yield(); $more = (Get-ThreadCount) - $Before } while ($more -ge $times - 3 -and $watch.Elapsed.TotalSeconds -lt 300)
        $more | Should -BeLessThan ($times - 3)
    }

    # For people, and to compare: the middle of the times, and the longest. The film takes an hour: even a slow machine stops before a tenth of it.
    function Assert-Prompt([string] $What, [double[]] $Seconds) {
        $sorted = $Seconds | Sort-Object
        $middle = $sorted[[int][math]::Floor($sorted.Count / 2)]
        Write-Information -MessageData ('{0}, {1} times: median {2:0.000} s, longest {3:0.000} s' -f $What, $sorted.Count, $middle, $sorted[-1]) -InformationAction Continue
        $middle | Should -BeLessThan 360
    }
}

Describe 'A run that is stopped <times> times' -ForEach @{ times = $times } {
    It 'ends with Ctrl-C in the middle of a large file' {
        $space = Initialize-SlowSpace 'ctrlc'
        $seconds = foreach ($i in 1..$times) {
            if ($i -eq 3) { $threads = Get-ThreadCount }
            $session = [powershell]::Create()
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $null = $session.AddScript("Import-Module '$(Get-TestModulePath)'; Invoke-ArtifactSync -Config '$($space.Config)' -PassThru")
            $running = $session.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            # The collection's enumerator waits for the first object, the song's.
            $first = $output.GetEnumerator()
            $first.MoveNext() | Should -BeTrue
            Wait-Film $space
            $running.IsCompleted | Should -BeFalse
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $session.Stop()
            $watch.Elapsed.TotalSeconds
            $session.InvocationStateInfo.State | Should -Be 'Stopped'
            $session.Dispose()
            Get-Leftover $space | Should -BeNullOrEmpty
            "$($space.Nas)/video/film.mp4" | Should -Not -Exist
        }
        Assert-ThreadsEnd $threads
        Assert-Prompt 'Ctrl-C in a large file' $seconds
        # The folder is free, and what was done is known.
        (Invoke-ArtifactSync "$($space.Outputs)/job_2" -Config $space.Config).Unchanged | Should -Be 1
    }

    It 'ends with Select-Object -First 1 in the middle of a large file' {
        $space = Initialize-SlowSpace 'first'
        $seconds = foreach ($i in 1..$times) {
            if ($i -eq 3) { $threads = Get-ThreadCount }
            $script:seen = $null
            $one = @(Invoke-ArtifactSync -Config $space.Config -PassThru | ForEach-Object { Wait-Film $space; $script:seen = [System.Diagnostics.Stopwatch]::StartNew(); $_ } | Select-Object -First 1)
            $script:seen.Elapsed.TotalSeconds
            $one.Count | Should -Be 1
            $one[0].Artifact | Should -Be 'song.m4a'
            Get-Leftover $space | Should -BeNullOrEmpty
            "$($space.Nas)/video/film.mp4" | Should -Not -Exist
        }
        Assert-ThreadsEnd $threads
        Assert-Prompt 'Select-Object -First 1 in a large file' $seconds
        (Invoke-ArtifactSync "$($space.Outputs)/job_2" -Config $space.Config).Unchanged | Should -Be 1
    }

    It 'ends among many files, and the next run does the rest' {
        $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'many')
        foreach ($id in 1..200) { $null = Write-TestJob -Outputs $space.Outputs -JobId ('job_{0:d3}' -f $id) }
        $seconds = foreach ($i in 1..$times) {
            $script:seen = $null
            $null = Invoke-ArtifactSync -Config $space.Config -PassThru -ThrottleLimit 1 | Where-Object Result -EQ 'Committed' | ForEach-Object { $script:seen = [System.Diagnostics.Stopwatch]::StartNew(); $_ } | Select-Object -First 1
            $script:seen.Elapsed.TotalSeconds
            Get-Leftover $space | Should -BeNullOrEmpty
        }
        Assert-Prompt 'Select-Object -First 1 among many files' $seconds
        $rest = Invoke-ArtifactSync -Config $space.Config
        $rest.Failed | Should -Be 0
        $rest.Committed + $rest.Unchanged + $rest.AlreadyPresent | Should -Be 200
    }
}
