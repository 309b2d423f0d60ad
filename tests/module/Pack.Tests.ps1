# The package that users install: made by the build, unpacked as a package client does it, loaded by its name.
# The archives of the program take longer; .ci/run makes them all and tries them.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    $script:root = (Resolve-Path -LiteralPath "$PSScriptRoot/../..").ProviderPath
    $script:manifest = Import-PowerShellDataFile -LiteralPath "$root/NasSync.psd1"

    # In a process of its own, as people call it.
    function Invoke-Pack([string] $Destination, [string[]] $Option = @('-Package', 'module')) {
        $said = pwsh -NoProfile -NonInteractive -File "$root/build.ps1" Pack -Destination $Destination @Option 2>&1 | ForEach-Object { "$_" }
        [pscustomobject]@{ ExitCode = $LASTEXITCODE; Text = $said -join "`n" }
    }

    $script:packages = Join-Path -Path $TestDrive -ChildPath 'packages'
    $null = New-Item -ItemType Directory -Path $packages
    Set-Content -LiteralPath "$packages/nassync-0.0.1-win-x64.zip" -Value 'of an earlier build'
    Set-Content -LiteralPath "$packages/notes.txt" -Value 'mine'
    $script:run = Invoke-Pack $packages
    $script:nupkg = "$packages/NasSync.$($manifest.ModuleVersion).nupkg"
}

Describe 'The module''s package' {
    It 'is made, with its checksum, in place of earlier ones and of nothing else' {
        $run.ExitCode | Should -Be 0 -Because $run.Text
        (Get-ChildItem -LiteralPath $packages).Name | Sort-Object | Should -Be @((Split-Path -Path $nupkg -Leaf), 'notes.txt', 'SHA256SUMS')
        Get-Content -LiteralPath "$packages/SHA256SUMS" | Should -Be "$((Get-FileHash -LiteralPath $nupkg).Hash.ToLowerInvariant())  $(Split-Path -Path $nupkg -Leaf)"
    }

    It 'says of itself what the module''s manifest says' {
        Expand-Archive -LiteralPath $nupkg -DestinationPath "$TestDrive/raw"
        $said = ([xml](Get-Content -LiteralPath "$TestDrive/raw/NasSync.nuspec" -Raw)).package.metadata
        $said.id | Should -Be 'NasSync'
        $said.version | Should -Be $manifest.ModuleVersion
        $said.authors | Should -Be $manifest.Author
        $said.description | Should -Be $manifest.Description
        $said.license.type, $said.license.'#text' | Should -Be @('expression', 'MIT')
        $tags = $said.tags -split ' '
        $tags | Should -Contain 'PSModule'
        $manifest.PrivateData.PSData.Tags | Should -BeIn $tags
        $manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_" } | Should -BeIn $tags
    }

    It 'gives each of its files a type, and names its parts by the packaging conventions' {
        $files = [IO.Compression.ZipFile]::OpenRead($nupkg)
        try { $names = $files.Entries.FullName } finally { $files.Dispose() }
        $types = ([xml](Get-Content -LiteralPath "$TestDrive/raw/[Content_Types].xml" -Raw)).Types
        foreach ($name in $names | Where-Object { $_ -ne '[Content_Types].xml' }) {
            (@($types.Default.Extension) -contains [IO.Path]::GetExtension($name).TrimStart('.')) -or (@($types.Override.PartName) -contains "/$name") | Should -BeTrue -Because $name
        }
        foreach ($relation in ([xml](Get-Content -LiteralPath "$TestDrive/raw/_rels/.rels" -Raw)).Relationships.Relationship) { $relation.Target.TrimStart('/') | Should -BeIn $names }
    }

    It 'is a module that loads by its name and works, in a folder of its version' {
        $folder = Join-Path -Path $TestDrive -ChildPath "Modules/NasSync/$($manifest.ModuleVersion)"
        Expand-Archive -LiteralPath $nupkg -DestinationPath $folder
        Invoke-Session -ArgumentList "$TestDrive/Modules", "$root/samples/outputs" -ScriptBlock {
            $env:PSModulePath = $args[0] + [IO.Path]::PathSeparator + $env:PSModulePath
            Import-Module NasSync
            (Get-Module NasSync).ModuleBase
            (Get-Module NasSync).ExportedCommands.Count
            @(Get-SyncManifest -Path $args[1]).Count
        } | Should -Be @($folder, $manifest.CmdletsToExport.Count, 3)
    }

    It 'is taken by PowerShell''s own package client' -Skip:(-not (Get-Module -ListAvailable -Name Microsoft.PowerShell.PSResourceGet)) {
        # The client remembers its repositories in a home; this one is the test's.
        $there = @{ HOME = $env:HOME; XDG_DATA_HOME = $env:XDG_DATA_HOME; LOCALAPPDATA = $env:LOCALAPPDATA }
        foreach ($name in $there.Keys) { Set-Item -LiteralPath "env:$name" -Value "$TestDrive/home" }
        try {
            $null = New-Item -ItemType Directory -Path "$TestDrive/home", "$TestDrive/saved"
            $found = Invoke-Session -ArgumentList $packages, "$TestDrive/saved" -ScriptBlock {
                Register-PSResourceRepository -Name Packed -Uri $args[0] -Trusted
                (Find-PSResource -Name NasSync -Repository Packed).Version.ToString(3)
                Save-PSResource -Name NasSync -Repository Packed -Path $args[1] -TrustRepository
            }
        }
        finally {
            foreach ($name in $there.Keys) { Set-Item -LiteralPath "env:$name" -Value $there[$name] }
        }
        $found | Should -Be $manifest.ModuleVersion
        Test-ModuleManifest -Path "$TestDrive/saved/NasSync/$($manifest.ModuleVersion)/NasSync.psd1" | ForEach-Object Name | Should -Be 'NasSync'
    }

    It 'is the same when it is made again, and has no path of this machine inside' {
        $again = Invoke-Pack "$TestDrive/again"
        $again.ExitCode | Should -Be 0 -Because $again.Text
        Get-Content -LiteralPath "$TestDrive/again/SHA256SUMS" | Should -Be (Get-Content -LiteralPath "$packages/SHA256SUMS")
        foreach ($ours in Get-ChildItem -LiteralPath "$TestDrive/raw/module/bin" -Filter 'NasSync.*.dll') {
            [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($ours.FullName)).Contains($root) | Should -BeFalse -Because $ours.Name
        }
    }
}

Describe 'An archive whose runtime is not to be had' {
    BeforeAll {
        # A package source with nothing in it.
        $null = New-Item -ItemType Directory -Path "$TestDrive/nothing"
        Set-Content -LiteralPath "$TestDrive/nuget.config" -Value '<configuration><packageSources><clear /><add key="nothing" value="nothing" /></packageSources></configuration>'
        $script:before = $env:RestoreConfigFile, $env:NUGET_PACKAGES
        $env:RestoreConfigFile = "$TestDrive/nuget.config"
        $env:NUGET_PACKAGES = "$TestDrive/cache"
    }

    AfterAll {
        $env:RestoreConfigFile, $env:NUGET_PACKAGES = $before
    }

    It 'fails the task, which says which one and why' {
        $run = Invoke-Pack "$TestDrive/none" @('-Package', 'win-x64')
        $run.ExitCode | Should -Be 1
        $run.Text | Should -BeLike "*The package 'win-x64' was not made*NU1*-SkipMissing*"
        Get-ChildItem -LiteralPath "$TestDrive/none" | Should -BeNullOrEmpty
    }

    It 'is a warning with -SkipMissing' {
        $run = Invoke-Pack "$TestDrive/none" @('-Package', 'win-x64', '-SkipMissing')
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Text | Should -BeLike "*WARNING*The package 'win-x64' was not made*"
    }
}
