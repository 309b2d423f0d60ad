<#
.SYNOPSIS
Builds, tests and packs NasSync, the same way for people and for CI.
.DESCRIPTION
Build compiles the solution and puts the module together in out/NasSync. Test builds, then runs the tests of the core and of the module.
Pack makes in out/packages the module's nupkg, the archives of the program nassync (linux-x64 and win-x64 with .NET inside, one for any system with .NET) and
SHA256SUMS. The archives with .NET inside need its runtime from the package source.
.EXAMPLE
./build.ps1
.EXAMPLE
./build.ps1 Test -Configuration Debug
.EXAMPLE
./build.ps1 Pack
.EXAMPLE
./build.ps1 Pack -Package module, portable -Destination /tmp/packages
#>
[CmdletBinding()]
param(
    # What to do.
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pack')]
    [string] $Task = 'Build',

    # How to compile; packages are always of Release.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    # Which packages to make.
    [ValidateSet('module', 'linux-x64', 'win-x64', 'portable')]
    [string[]] $Package = @('module', 'linux-x64', 'win-x64', 'portable'),

    # The folder to put them in. Packages of NasSync that are there are removed first.
    [string] $Destination = (Join-Path -Path $PSScriptRoot -ChildPath 'out/packages'),

    # Warn of an archive whose runtime the package source does not have, instead of failing once the others are made.
    [switch] $SkipMissing
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
. (Join-Path -Path $PSScriptRoot -ChildPath 'deploy/Pack.ps1')

$out = Join-Path -Path $PSScriptRoot -ChildPath 'out/NasSync'
$module = Join-Path -Path $out -ChildPath 'NasSync.psd1'

# The module as users get it: what is written, and beside it the assemblies of one build.
function Copy-Module([string] $Assemblies, [string] $Folder) {
    if (Test-Path -LiteralPath $Folder) { Remove-Item -LiteralPath $Folder -Recurse -Force }
    $bin = New-Item -ItemType Directory -Path (Join-Path -Path $Folder -ChildPath 'module/bin') -Force
    Copy-Item -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'NasSync.psd1') -Destination $Folder
    Copy-Item -Path (Join-Path -Path $PSScriptRoot -ChildPath 'module/*') -Include '*.psm1', '*.ps1xml' -Destination (Split-Path -Path $bin)
    Copy-Item -Path (Join-Path -Path $Assemblies -ChildPath '*') -Include '*.dll', '*.pdb' -Destination $bin
    Copy-Item -LiteralPath (Join-Path -Path $Assemblies -ChildPath 'runtimes') -Destination $bin -Recurse
    # The help of the cmdlets is made from their pages and from what the engine says of them.
    $help = Join-Path -Path $Folder -ChildPath 'en-US'
    Copy-Item -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'module/en-US') -Destination $Folder -Recurse
    pwsh -NoProfile -File (Join-Path -Path $PSScriptRoot -ChildPath 'module/Build-Help.ps1') -Module (Join-Path -Path $Folder -ChildPath 'NasSync.psd1') -Path (Join-Path -Path $help -ChildPath 'NasSync.PowerShell.dll-Help.xml')
}

function Invoke-Build([string] $Configuration) {
    dotnet build (Join-Path -Path $PSScriptRoot -ChildPath 'NasSync.sln') --configuration $Configuration --verbosity quiet
    $built = Join-Path -Path $PSScriptRoot -ChildPath "src/NasSync.PowerShell/bin/$Configuration/net8.0"
    Copy-Module $built $out
    # In a checkout PowerShell looks for the help beside the assemblies.
    Copy-Item -LiteralPath (Join-Path -Path $out -ChildPath 'en-US') -Destination $built -Recurse -Force
    Write-Information -MessageData "Module: $module" -InformationAction Continue
}

function Invoke-Test([string] $Configuration) {
    dotnet test (Join-Path -Path $PSScriptRoot -ChildPath 'NasSync.sln') --no-build --configuration $Configuration --verbosity quiet
    # A process of its own: .NET cannot unload, and this session may hold an older build.
    pwsh -NoProfile -File (Join-Path -Path $PSScriptRoot -ChildPath 'tests/module/run.ps1') -Module $module
}

# Compiles apart from the other tasks: what they have built stays as it is.
function Invoke-Pack([string[]] $Package, [string] $Destination, [bool] $SkipMissing) {
    $work = Join-Path -Path $PSScriptRoot -ChildPath 'out/pack'
    $time = Get-SourceTime $PSScriptRoot
    $version = (Import-PowerShellDataFile -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'NasSync.psd1')).ModuleVersion
    $Destination = (New-Item -ItemType Directory -Path $Destination -Force).FullName
    Get-ChildItem -LiteralPath $Destination -File | Where-Object { $_.Name -match '^(NasSync\..*\.nupkg|nassync-.*\.(zip|tar\.gz)|SHA256SUMS)$' } | Remove-Item

    $missing = @(foreach ($one in $Package | Select-Object -Unique) {
        if ($one -eq 'module') {
            Write-Module $work $Destination $time
            continue
        }
        $runtime = $one -eq 'portable' ? '' : $one
        $why = Restore-Program $PSScriptRoot $runtime $work
        if ($why) { "The package '$one' was not made: $why" }
        else { Write-ProgramArchive $PSScriptRoot $runtime $work $Destination $version $time }
    })
    $made = @(Get-ChildItem -LiteralPath $Destination -File | Where-Object { $_.Name -match '\.(nupkg|zip|tar\.gz)$' -and $_.Name -like 'nassync*' })
    if ($made) { Write-Checksum $Destination $made.Name }
    $made | ForEach-Object { Write-Information -MessageData ('Package: {0} ({1:n1} MiB)' -f $_.FullName, ($_.Length / 1MB)) -InformationAction Continue }
    if ($missing -and -not $SkipMissing) { throw "$($missing -join "`n")`n-SkipMissing makes this a warning." }
    $missing | ForEach-Object { Write-Warning -Message $_ }
}

function Write-Module([string] $Work, [string] $Destination, [DateTimeOffset] $Time) {
    $folder = Join-Path -Path $Work -ChildPath 'module'
    $properties = Get-PackProperty $PSScriptRoot
    dotnet build (Join-Path -Path $PSScriptRoot -ChildPath 'src/NasSync.PowerShell') --configuration Release --artifacts-path $Work --verbosity quiet -nologo @properties | Out-Host
    Copy-Module (Join-Path -Path $Work -ChildPath 'bin/NasSync.PowerShell/release') $folder
    Copy-Item -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'LICENSE') -Destination $folder
    Write-ModulePackage $folder $Destination $Time
}

switch ($Task) {
    'Build' { Invoke-Build $Configuration }
    'Test' { Invoke-Build $Configuration; Invoke-Test $Configuration }
    'Pack' { Invoke-Pack $Package $Destination $SkipMissing }
}
