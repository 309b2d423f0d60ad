# Shared by the suites: which module is tested, and sessions of their own for what a session can do only once.

function Get-TestModulePath {
    if ($env:NASSYNC_TEST_MODULE) { return $env:NASSYNC_TEST_MODULE }
    (Resolve-Path -LiteralPath "$PSScriptRoot/../../NasSync.psd1").ProviderPath
}

function Import-TestModule {
    Import-Module -Name (Get-TestModulePath) -Global
}

# The folder the module takes its assemblies from, asked of the module itself.
function Get-TestAssemblyFolder {
    Import-TestModule
    Split-Path -Path ([NasSync.LoadContext].Assembly.Location)
}

# Runs a script block in a new pwsh process and answers its output as lines.
function Invoke-Session {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [scriptblock] $ScriptBlock, [object[]] $ArgumentList = @())
    $text = "`$ErrorActionPreference = 'Stop'; `$PSStyle.OutputRendering = 'PlainText'; `$ProgressPreference = 'SilentlyContinue'; & { $ScriptBlock } @args"
    $script = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath "nassync-$([guid]::NewGuid().ToString('n')).ps1"
    try {
        Set-Content -LiteralPath $script -Value $text
        pwsh -NoProfile -NonInteractive -File $script @ArgumentList 2>&1 | ForEach-Object { "$_" }
    }
    finally {
        Remove-Item -LiteralPath $script -ErrorAction Ignore
    }
}
