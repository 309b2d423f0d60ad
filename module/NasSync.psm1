# Written so that Windows PowerShell 5.1 can still read it and say what is missing.
if ($PSVersionTable.PSVersion -lt [version] '7.4') {
    throw "NasSync needs PowerShell 7.4 or later, and this is $($PSVersionTable.PSVersion). Get PowerShell 7.6 with 'winget install Microsoft.PowerShell' or from https://aka.ms/powershell, then start 'pwsh'."
}

$bin = Join-Path -Path $PSScriptRoot -ChildPath 'bin'
if (-not (Test-Path -LiteralPath $bin)) {
    # A checkout: the newest build of the cmdlets.
    $bin = 'Debug', 'Release' |
        ForEach-Object { [IO.Path]::GetFullPath("$PSScriptRoot/../src/NasSync.PowerShell/bin/$_/net8.0") } |
        Where-Object { Test-Path -LiteralPath "$_/NasSync.PowerShell.dll" } |
        Sort-Object -Property { (Get-Item -LiteralPath "$_/NasSync.PowerShell.dll").LastWriteTimeUtc } |
        Select-Object -Last 1
    if (-not $bin) {
        throw "NasSync is not built yet. Run './build.ps1' in '$(Split-Path -Path $PSScriptRoot)' first."
    }
}

if (-not ('NasSync.LoadContext' -as [type])) {
    Add-Type -Path (Join-Path -Path $bin -ChildPath 'NasSync.Abstractions.dll')
}

$assembly = [NasSync.LoadContext]::Initialize($bin)

# 'Import-Module -Force' takes this module away but leaves the assembly's own entry in the session's table, and the engine skips an assembly
# that has an entry (PowerShell issue 20710): the reloaded module would have no commands. So the entry goes first.
Get-Module -All | Where-Object { $_.ImplementingAssembly -eq $assembly } | Remove-Module -Force
Import-Module -Assembly $assembly
