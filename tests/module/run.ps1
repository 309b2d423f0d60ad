<#
.SYNOPSIS
Runs the Pester suites of this folder against a built module. The last line says the counts; the exit code is 1 when anything failed.
.EXAMPLE
pwsh -NoProfile -File tests/module/run.ps1
#>
[CmdletBinding()]
param(
    # The module to test; by default the one of this checkout with the newest build of its assemblies.
    [string] $Module = (Join-Path -Path $PSScriptRoot -ChildPath '../../NasSync.psd1'),

    # Only suites whose file name matches.
    [string] $Suite = '*',

    # How much Pester says.
    [ValidateSet('None', 'Normal', 'Detailed', 'Diagnostic')]
    [string] $Output = 'Normal'
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
if ($env:CI -or [Console]::IsOutputRedirected) { $PSStyle.OutputRendering = 'PlainText' }

Import-Module -Name Pester -MinimumVersion 5.0
$env:NASSYNC_TEST_MODULE = (Resolve-Path -LiteralPath $Module).ProviderPath
$configuration = New-PesterConfiguration
$configuration.Run.Path = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter "$Suite.Tests.ps1" | ForEach-Object { $_.FullName })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Output
$configuration.Output.RenderMode = if ([Console]::IsOutputRedirected) { 'Plaintext' } else { 'Auto' }
$run = Invoke-Pester -Configuration $configuration

# A suite that could not even start has no failed test, but its container has failed.
$failed = $run.FailedCount + $run.FailedContainersCount + $run.FailedBlocksCount
if ($run.TotalCount -eq 0) { $failed++ }
"Pester: $($run.PassedCount) passed, $failed failed, $($run.SkippedCount) skipped"
exit ($failed -gt 0 ? 1 : 0)
