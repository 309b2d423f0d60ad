<#
.SYNOPSIS
Builds, tests and packs NasSync, the same way for people and for CI.
.DESCRIPTION
Build compiles the solution and puts the module together in out/NasSync. Test builds, then runs the tests of the core and of the module.
.EXAMPLE
./build.ps1
.EXAMPLE
./build.ps1 Test -Configuration Debug
#>
[CmdletBinding()]
param(
    # What to do.
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test')]
    [string] $Task = 'Build',

    # How to compile.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$out = Join-Path -Path $PSScriptRoot -ChildPath 'out/NasSync'
$module = Join-Path -Path $out -ChildPath 'NasSync.psd1'

function Invoke-Build([string] $Configuration) {
    dotnet build (Join-Path -Path $PSScriptRoot -ChildPath 'NasSync.sln') --configuration $Configuration --verbosity quiet
    if (Test-Path -LiteralPath $out) { Remove-Item -LiteralPath $out -Recurse -Force }
    $bin = New-Item -ItemType Directory -Path (Join-Path -Path $out -ChildPath 'module/bin') -Force
    Copy-Item -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'NasSync.psd1') -Destination $out
    Copy-Item -Path (Join-Path -Path $PSScriptRoot -ChildPath 'module/*') -Include '*.psm1', '*.ps1xml' -Destination (Split-Path -Path $bin)
    $built = Join-Path -Path $PSScriptRoot -ChildPath "src/NasSync.PowerShell/bin/$Configuration/net8.0"
    Copy-Item -Path (Join-Path -Path $built -ChildPath '*') -Include '*.dll', '*.pdb' -Destination $bin
    # The help stands at the module's root; in a checkout PowerShell looks for it beside the assemblies.
    Copy-Item -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'module/en-US') -Destination $out -Recurse
    $help = Join-Path -Path $out -ChildPath 'en-US'
    pwsh -NoProfile -File (Join-Path -Path $PSScriptRoot -ChildPath 'module/Build-Help.ps1') -Module $module -Path (Join-Path -Path $help -ChildPath 'NasSync.PowerShell.dll-Help.xml')
    Copy-Item -LiteralPath $help -Destination $built -Recurse -Force
    Write-Information -MessageData "Module: $module" -InformationAction Continue
}

function Invoke-Test([string] $Configuration) {
    dotnet test (Join-Path -Path $PSScriptRoot -ChildPath 'NasSync.sln') --no-build --configuration $Configuration --verbosity quiet
    # A process of its own: .NET cannot unload, and this session may hold an older build.
    pwsh -NoProfile -File (Join-Path -Path $PSScriptRoot -ChildPath 'tests/module/run.ps1') -Module $module
}

Invoke-Build $Configuration
if ($Task -eq 'Test') { Invoke-Test $Configuration }
