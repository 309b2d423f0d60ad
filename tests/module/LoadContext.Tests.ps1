# Another version of a library in the session must neither break the module nor be broken by it.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    $script:manifest = Get-TestModulePath
    $space = Initialize-TestSpace -Path (Join-Path $TestDrive 'clash')
    $null = Write-TestJob -Outputs $space.Outputs -JobId 'job_1'
}

Describe 'A session with other versions of our libraries' {
    It 'works when <name> 1.0.0.0 was loaded first' -ForEach @{ name = 'YamlDotNet' }, @{ name = 'Microsoft.Data.Sqlite' }, @{ name = 'SQLitePCLRaw.core' } {
        $stranger = Join-Path $TestDrive "$name.dll"
        $seen = Invoke-Session -ArgumentList $PSScriptRoot, $manifest, $name, $stranger, $space.Outputs, $space.Config -ScriptBlock {
            $support, $module, $name, $stranger, $outputs, $config = $args
            . "$support/Support.ps1"
            Write-Stranger -Name $name -Path $stranger
            Add-Type -Path $stranger
            "$([Clash.Marker].Assembly.GetName().Name) $([System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext([Clash.Marker].Assembly).Name)"
            Import-Module $module
            (Get-SyncManifest $outputs | Resolve-SyncRoute -Config $config).Route.Number
            (Invoke-ArtifactSync $outputs -Config $config -Force).Failed
            # Ours beside theirs.
            [AppDomain]::CurrentDomain.GetAssemblies().GetName() | Where-Object Name -EQ $name | ForEach-Object { $_.Version -eq [version] '1.0.0.0' } | Sort-Object
        }
        $seen | Should -Be @("$name Default", '1', '0', 'False', 'True')
    }

    It 'leaves a library that is loaded later to the session' {
        $stranger = Join-Path $TestDrive 'later/YamlDotNet.dll'
        $null = New-Item -ItemType Directory -Path (Split-Path $stranger)
        Invoke-Session -ArgumentList $PSScriptRoot, $manifest, $stranger, $space.Outputs, $space.Config -ScriptBlock {
            $support, $module, $stranger, $outputs, $config = $args
            . "$support/Support.ps1"
            Import-Module $module
            $null = Get-SyncManifest $outputs | Resolve-SyncRoute -Config $config
            Write-Stranger -Name YamlDotNet -Path $stranger
            Add-Type -Path $stranger
            [Clash.Marker].Assembly.GetName().Version.ToString()
            (Get-SyncManifest $outputs | Resolve-SyncRoute -Config $config).Route.Number
        } | Should -Be @('1.0.0.0', '1')
    }
}
