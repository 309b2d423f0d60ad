# Objects that a script makes by a cast, which asks for no member: what they lack is told by name, and never met inside.
BeforeDiscovery {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $fromPipeline = { $_ -is [Parameter] -and ($_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName) }
    $script:takers = @(Get-Command -Module NasSync | Where-Object { $_.Parameters.Values.Attributes | Where-Object $fromPipeline } | ForEach-Object { @{ name = $_.Name } })
    $script:manifestCases = @(
        @{ lacks = 'JobId'; change = { param($all) $all.Remove('JobId') } }
        @{ lacks = 'Path'; change = { param($all) $all.Remove('Path') } }
        @{ lacks = 'Path'; change = { param($all) $all.Path = 'job_1/manifest.json' } }
        @{ lacks = 'Generation'; change = { param($all) $all.Remove('Generation') } }
        @{ lacks = 'Artifacts'; change = { param($all) $all.Remove('Artifacts') } }
        @{ lacks = 'Artifacts[1].Path'; change = { param($all) $all.Artifacts = [NasSync.Artifact[]]@($all.Artifacts[0], [NasSync.Artifact]@{ Kind = 'audio' }) } }
        @{ lacks = 'Artifacts[0].Kind'; change = { param($all) $all.Artifacts = [NasSync.Artifact[]]@([NasSync.Artifact]@{ Path = 'job_1.m4a' }) } }
        @{ lacks = 'Artifacts[0]'; change = { param($all) $all.Artifacts = [NasSync.Artifact[]]@($null) } }
    )
    $script:decisionCases = @(
        @{ lacks = 'Manifest'; change = { param($all) $all.Remove('Manifest') } }
        @{ lacks = 'Manifest.Path'; change = { param($all) $all.Manifest = [NasSync.Manifest]@{ JobId = 'job_1'; Generation = 'x' } } }
        @{ lacks = 'Artifact'; change = { param($all) $all.Remove('Artifact') } }
        @{ lacks = 'Artifact.Path'; change = { param($all) $all.Artifact = [NasSync.Artifact]@{ Kind = 'audio' } } }
        @{ lacks = 'Targets'; change = { param($all) $all.Remove('Targets') } }
        @{ lacks = 'Targets[0].Path'; change = { param($all) $all.Targets = [NasSync.Target[]]@([NasSync.Target]@{ Destination = 'local'; Root = '/nas' }) } }
        @{ lacks = 'Targets[0].Root'; change = { param($all) $all.Targets = [NasSync.Target[]]@([NasSync.Target]@{ Destination = 'local'; Root = 'nas'; Path = 'x.m4a' }) } }
    )
    $script:failureCases = @(
        @{ lacks = 'ManifestPath'; make = { [NasSync.RecordedFailure]@{} } }
        @{ lacks = 'JobId'; make = { [NasSync.RecordedFailure]@{ Artifact = 'job_1.m4a'; ManifestPath = "$($space.Outputs)/job_1/manifest.json" } } }
        @{ lacks = 'Target.Path'; make = { [NasSync.RecordedFailure]@{ Artifact = 'x.m4a'; JobId = 'job_1'; Target = [NasSync.Target]@{ Destination = 'local'; Root = '/nas' } } } }
    )
}

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:space = Initialize-TestSpace -Path (Join-Path $TestDrive 'incomplete')
    foreach ($id in 'job_1', 'job_2') { $null = Write-TestJob -Outputs $space.Outputs -JobId $id }
    $script:types = @([NasSync.Manifest].Assembly.GetExportedTypes() | Where-Object { $_.IsClass -and -not $_.IsAbstract -and $_.GetConstructor(@()) })
    $script:whole = Get-SyncManifest "$($space.Outputs)/job_2"

    function Get-Words([string] $Name) {
        $command = Get-Command -Name $Name
        $words = @{}
        if ($command.Parameters['Config'] -and $Name -notlike '*-SyncConfig') { $words.Config = $space.Config }
        if ($command.Parameters['WhatIf']) { $words.WhatIf = $true }
        $words
    }

    function Get-Changed([object] $From, [string[]] $Property, [scriptblock] $Change) {
        $all = @{}
        foreach ($name in $Property) { $all[$name] = $From.$name }
        & $Change $all
        $all
    }
}

Describe 'An object that lacks everything' {
    It 'is a clear error for <name>, of whatever type it is' -ForEach $takers {
        $words = Get-Words $name
        foreach ($type in $types) {
            $made = @()
            try { $made = @($type::new() | & $name @words -ErrorVariable problems -ErrorAction SilentlyContinue) }
            catch { $problems = @($_) }
            $records = @($problems | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            $records | Should -Not -BeNullOrEmpty -Because $type
            foreach ($record in $records) {
                $record.FullyQualifiedErrorId | Should -Not -Match '^(Unexpected|System\.|CatchFrom)' -Because $type
                "$record" | Should -Not -Match 'Object reference|Value cannot be null' -Because $type
            }
            @($made | Where-Object { $_ -isnot [NasSync.SyncResult] }) | Should -BeNullOrEmpty -Because $type
        }
    }

    It 'has a case below where a parameter takes its type' {
        $taken = (Get-Command -Module NasSync).Parameters.Values.ParameterType | ForEach-Object { $_.IsArray ? $_.GetElementType() : $_ } | Where-Object { $_ -in $types }
        @($taken.Name | Sort-Object -Unique) | Should -Be 'Manifest', 'RecordedFailure', 'RouteDecision'
    }
}

Describe 'A manifest' {
    It 'without its <lacks> is one error that names it, and the others go on' -ForEach $manifestCases {
        $given = [NasSync.Manifest](Get-Changed (Get-SyncManifest "$($space.Outputs)/job_1") ('JobId', 'Path', 'Generation', 'Artifacts') $change)
        $result = Invoke-ArtifactSync -Manifest $given, $whole -Config $space.Config -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue
        @($problems).FullyQualifiedErrorId | Should -BeLike 'InputIncomplete,*'
        "$problems" | Should -BeLike "*$($lacks.Replace('[', '`[').Replace(']', '`]'))*"
        $result.ExitCode, $result.Failed, $result.Planned | Should -Be 'Usage', 1, 1
        $decisions = @(Resolve-SyncRoute -Manifest $given, $whole -Config $space.Config -ErrorVariable problems -ErrorAction SilentlyContinue)
        @($problems).FullyQualifiedErrorId | Should -BeLike 'InputIncomplete,*'
        $decisions.JobId | Should -Be 'job_2'
    }
}

Describe 'A decision' {
    It 'without its <lacks> is one error that names it, and the others go on' -ForEach $decisionCases {
        $from = Get-SyncManifest "$($space.Outputs)/job_1" | Resolve-SyncRoute -Config $space.Config
        $given = [NasSync.RouteDecision](Get-Changed $from ('Manifest', 'Artifact', 'Route', 'Targets') $change)
        $other = $whole | Resolve-SyncRoute -Config $space.Config
        $result = Invoke-ArtifactSync -Decision $given, $other -Config $space.Config -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue
        @($problems).FullyQualifiedErrorId | Should -BeLike 'InputIncomplete,*'
        "$problems" | Should -BeLike "*$($lacks.Replace('[', '`[').Replace(']', '`]'))*"
        $result.ExitCode, $result.Failed, $result.Planned | Should -Be 'Usage', 1, 1
    }
}

Describe 'A failure' {
    It 'without its <lacks> is one error that names it, and nothing is tried' -ForEach $failureCases {
        $result = & $make | Resume-ArtifactSync -Config $space.Config -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue
        @($problems).FullyQualifiedErrorId | Should -BeLike 'InputIncomplete,*'
        "$problems" | Should -BeLike "*$lacks*"
        $result.ExitCode, $result.Failed, $result.Manifests | Should -Be 'Usage', 1, 0
    }
}
