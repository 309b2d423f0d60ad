# Written so that Windows PowerShell 5.1 can still read it and say what is missing.
if ($PSVersionTable.PSVersion -lt [version] '7.4') {
    throw "NasSync needs PowerShell 7.4 or later, and this is $($PSVersionTable.PSVersion). Get PowerShell 7.6 with 'winget install Microsoft.PowerShell' or from https://aka.ms/powershell, then start 'pwsh'."
}

# Static .NET calls instead of cmdlets: loading the modules of Join-Path and Add-Type would take longer than loading this one.
$bin = [IO.Path]::Combine($PSScriptRoot, 'bin')
if (-not [IO.Directory]::Exists($bin)) {
    # A checkout: the newest build. All of our assemblies count: one that did not change is not compiled again.
    $bin = $null
    $newest = [datetime]::MinValue
    foreach ($configuration in 'Debug', 'Release') {
        $folder = [IO.Path]::GetFullPath("$PSScriptRoot/../src/NasSync.PowerShell/bin/$configuration/net8.0")
        if (-not [IO.File]::Exists("$folder/NasSync.PowerShell.dll")) { continue }
        foreach ($file in [IO.Directory]::GetFiles($folder, 'NasSync.*.dll')) {
            $built = [IO.File]::GetLastWriteTimeUtc($file)
            if ($built -gt $newest) {
                $bin = $folder
                $newest = $built
            }
        }
    }

    if (-not $bin) {
        throw "NasSync is not built yet. Run './build.ps1' in '$([IO.Path]::GetDirectoryName($PSScriptRoot))' first."
    }
}

# The public types go into PowerShell's own load context, once per process; everything else goes into one of the module's own.
$isReload = [bool]('NasSync.LoadContext' -as [type])
if (-not $isReload) {
    $null = [Reflection.Assembly]::LoadFrom([IO.Path]::Combine($bin, 'NasSync.Abstractions.dll'))
}

$assembly = [NasSync.LoadContext]::Initialize($bin)
if ($isReload) {
    # 'Import-Module -Force' takes this module away but leaves the assembly's own entry in the session's table, and the engine skips an
    # assembly that has an entry (PowerShell issue 20710): the reloaded module would have no commands. So the entry goes first.
    Get-Module -All | Where-Object { $_.ImplementingAssembly -eq $assembly } | Remove-Module -Force
}

# Not by the manifest: the engine would read it before the types it speaks of are there.
Update-TypeData -AppendPath ([IO.Path]::Combine($PSScriptRoot, 'NasSync.Types.ps1xml')) -ErrorAction Ignore
Import-Module -Assembly $assembly
