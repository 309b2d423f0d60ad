# Import is quick because libraries are loaded only when something needs them.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    $script:manifest = Get-TestModulePath
    $script:world = Initialize-SampleWorld -Path (Join-Path $TestDrive 'assemblies')

    # What the module's own load context holds after each step, in a session of its own.
    function Get-LoadedAssembly([string] $Step) {
        Invoke-Session -ArgumentList $manifest, $world, $Step -ScriptBlock {
            Import-Module $args[0]
            Set-Location -LiteralPath $args[1]
            $null = & ([scriptblock]::Create($args[2]))
            $own = [System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ 'NasSync'
            $own.Assemblies | ForEach-Object { $_.GetName().Name } | Sort-Object
        }
    }
}

Describe 'The assemblies of the module' {
    It 'are these after <step>: <expected>' -ForEach @(
        @{ step = 'Import-Module'; code = ''; expected = @('NasSync.PowerShell') }
        @{ step = 'Get-SyncManifest'; code = 'Get-SyncManifest ./outputs'; expected = @('NasSync.Core', 'NasSync.PowerShell') }
        @{ step = 'Resolve-SyncRoute'; code = 'Get-SyncManifest ./outputs | Resolve-SyncRoute'; expected = @('NasSync.Core', 'NasSync.PowerShell', 'YamlDotNet') }
    ) {
        $loaded = Get-LoadedAssembly $code
        Write-Information -MessageData "after ${step}: $($loaded -join ', ')" -InformationAction Continue
        $loaded | Should -Be $expected
    }

    It 'do not include those of other destinations and ledgers after a sync to folders' {
        $loaded = Get-LoadedAssembly 'Invoke-ArtifactSync'
        Write-Information -MessageData "after Invoke-ArtifactSync: $($loaded -join ', ')" -InformationAction Continue
        $loaded | Where-Object { $_ -like 'AWSSDK*' -or $_ -like 'Npgsql*' } | Should -BeNullOrEmpty
    }
}
