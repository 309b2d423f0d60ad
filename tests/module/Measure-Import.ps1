<#
.SYNOPSIS
Measures what importing the module costs: the median of ten new sessions that import it, beyond the median of ten that do not.
.EXAMPLE
pwsh -NoProfile -File tests/module/Measure-Import.ps1 -Module out/NasSync/NasSync.psd1
#>
[CmdletBinding()]
param(
    # The module; by default the one of this checkout with the newest build.
    [string] $Module = (Join-Path -Path $PSScriptRoot -ChildPath '../../NasSync.psd1'),

    # Sessions of each kind.
    [ValidateRange(1, 1000)]
    [int] $Times = 10
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$full = (Resolve-Path -LiteralPath $Module).ProviderPath
$program = [Environment]::ProcessPath

# The time on the clock, and that of the processor, which says more on a machine that is busy with other things.
function Measure-Session([string] $Command) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $processor = & $program -NoProfile -NonInteractive -Command "$Command; [System.Diagnostics.Process]::GetCurrentProcess().TotalProcessorTime.TotalMilliseconds"
    [pscustomobject]@{ Clock = $watch.Elapsed.TotalMilliseconds; Processor = [double]$processor }
}

function Get-Median([double[]] $Value) {
    $sorted = @($Value | Sort-Object)
    ($sorted[[int][math]::Floor(($sorted.Count - 1) / 2)] + $sorted[[int][math]::Floor($sorted.Count / 2)]) / 2
}

$import = "Import-Module '$($full.Replace("'", "''"))'"
# Once each, unmeasured: the files are in the system's cache then. Taken in turn, so that a busy machine is busy for both.
$null = Measure-Session '$null'
$null = Measure-Session $import
$empty = @()
$with = @()
foreach ($i in 1..$Times) {
    $empty += Measure-Session '$null'
    $with += Measure-Session $import
}

$inside = & $program -NoProfile -NonInteractive -Command "(Measure-Command { $import }).TotalMilliseconds"
[pscustomobject]@{
    Times = $Times
    EmptyMs = [math]::Round((Get-Median $empty.Clock))
    ImportedMs = [math]::Round((Get-Median $with.Clock))
    BeyondEmptyMs = [math]::Round((Get-Median $with.Clock) - (Get-Median $empty.Clock))
    BeyondEmptyProcessorMs = [math]::Round((Get-Median $with.Processor) - (Get-Median $empty.Processor))
    MeasuredInsideMs = [math]::Round([double]$inside)
}
