# What must hold before any cmdlet does anything: the module loads, loads again, and lives beside other versions of its libraries.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    $script:manifest = Get-TestModulePath
    $script:expected = @((Import-PowerShellDataFile -LiteralPath $manifest).CmdletsToExport | Sort-Object)
}

Describe 'Importing the module' {
    It 'exports exactly what the manifest says' {
        Invoke-Session -ArgumentList $manifest -ScriptBlock {
            Import-Module $args[0]
            (Get-Module NasSync).ExportedCommands.Keys
        } | Sort-Object | Should -Be $expected
    }

    It 'keeps its commands through Import-Module -Force, twice' {
        $seen = Invoke-Session -ArgumentList $manifest -ScriptBlock {
            Import-Module $args[0]
            foreach ($again in 1, 2) {
                Import-Module $args[0] -Force
                (Get-Command -Module NasSync).Name
            }
        }
        $seen | Sort-Object | Should -Be ($expected + $expected | Sort-Object)
    }

    It 'comes back after Remove-Module' {
        Invoke-Session -ArgumentList $manifest -ScriptBlock {
            Import-Module $args[0]
            Remove-Module NasSync
            (Get-Command Get-SyncManifest -ErrorAction Ignore) -eq $null
            Import-Module $args[0]
            (Get-Command -Module NasSync).Count -gt 0
        } | Should -Be @('True', 'True')
    }

    It 'gives scripts the public types and keeps its libraries out of the default load context' {
        Invoke-Session -ArgumentList $manifest -ScriptBlock {
            Import-Module $args[0]
            [NasSync.Manifest].FullName
            $inDefault = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.GetName().Name
            @($inDefault -like 'NasSync*') -join ','
            @($inDefault | Where-Object { $_ -in 'YamlDotNet', 'Microsoft.Data.Sqlite', 'SQLitePCLRaw.core' }).Count
        } | Should -Be @('NasSync.Manifest', 'NasSync.Abstractions', '0')
    }

    It 'loads by itself when the module path names it, and works in parallel runspaces' {
        $copy = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'path/NasSync/module/bin') -Force).FullName
        Copy-Item -Path "$(Get-TestAssemblyFolder)/*.dll" -Destination $copy
        Copy-Item -LiteralPath $manifest -Destination (Join-Path $TestDrive 'path/NasSync')
        Copy-Item -Path "$(Split-Path $manifest)/module/*.ps*" -Destination (Join-Path $TestDrive 'path/NasSync/module')
        Invoke-Session -ArgumentList (Join-Path $TestDrive 'path') -ScriptBlock {
            $env:PSModulePath = $args[0] + [IO.Path]::PathSeparator + $env:PSModulePath
            (Get-Command Test-SyncConfig).Module.Version.ToString()
            1..3 | ForEach-Object -Parallel { @(Get-SyncManifest ./nothing 2>&1).Count }
        } | Should -Be @((Import-PowerShellDataFile -LiteralPath $manifest).ModuleVersion, '1', '1', '1')
    }

    It 'takes a prefix' {
        Invoke-Session -ArgumentList $manifest -ScriptBlock {
            Import-Module $args[0] -Prefix Nas
            (Get-Command -Module NasSync).Name
        } | Should -Contain 'Get-NasSyncManifest'
    }

    It 'brings no copy of PowerShell itself' {
        Get-ChildItem -LiteralPath (Get-TestAssemblyFolder) -Filter 'System.Management.Automation.dll' | Should -BeNullOrEmpty
    }

    It 'says how to build when nothing was built' {
        $checkout = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'unbuilt/module') -Force).FullName
        Copy-Item -LiteralPath (Join-Path (Split-Path $manifest) 'module/NasSync.psm1') -Destination $checkout
        Invoke-Session -ArgumentList $checkout -ScriptBlock {
            try { Import-Module "$($args[0])/NasSync.psm1" } catch { "$_" }
        } | Should -BeLike '*not built yet*./build.ps1*'
    }

    It 'takes the newest build of a checkout, also when only the core was compiled again' {
        $checkout = Join-Path $TestDrive 'newest'
        $null = New-Item -ItemType Directory -Path "$checkout/module"
        Copy-Item -LiteralPath (Join-Path (Split-Path $manifest) 'module/NasSync.psm1') -Destination "$checkout/module"
        foreach ($configuration in 'Debug', 'Release') {
            $bin = (New-Item -ItemType Directory -Path "$checkout/src/NasSync.PowerShell/bin/$configuration/net8.0").FullName
            Copy-Item -Path "$(Get-TestAssemblyFolder)/*.dll" -Destination $bin
            Get-ChildItem -LiteralPath $bin | ForEach-Object { $_.LastWriteTimeUtc = [datetime]'2026-01-01' }
        }
        (Get-Item -LiteralPath "$checkout/src/NasSync.PowerShell/bin/Release/net8.0/NasSync.PowerShell.dll").LastWriteTimeUtc = [datetime]'2026-01-02'
        (Get-Item -LiteralPath "$checkout/src/NasSync.PowerShell/bin/Debug/net8.0/NasSync.Core.dll").LastWriteTimeUtc = [datetime]'2026-01-03'
        Invoke-Session -ArgumentList "$checkout/module/NasSync.psm1" -ScriptBlock {
            Import-Module $args[0]
            [NasSync.LoadContext].Assembly.Location
        } | Should -BeLike '*Debug*net8.0*'
    }

    It 'says so when the session already has NasSync from another folder' {
        $copy = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'copy/module/bin') -Force).FullName
        Copy-Item -Path "$(Get-TestAssemblyFolder)/*.dll" -Destination $copy
        Copy-Item -LiteralPath $manifest -Destination (Join-Path $TestDrive 'copy')
        Copy-Item -Path "$(Split-Path $manifest)/module/*.ps*" -Destination (Join-Path $TestDrive 'copy/module')
        Invoke-Session -ArgumentList $manifest, (Join-Path $TestDrive 'copy/NasSync.psd1') -ScriptBlock {
            Import-Module $args[0]
            try { Import-Module $args[1] } catch { "$_" }
        } | Should -BeLike '*already loaded NasSync from*Start a new PowerShell session*'
    }

    It 'is refused by Windows PowerShell through the manifest, which says where to get a newer one' {
        $data = Import-PowerShellDataFile -LiteralPath $manifest
        $data.PowerShellVersion | Should -Be '7.4'
        $data.CompatiblePSEditions | Should -Be 'Core'
        $data.Description | Should -BeLike '*7.6*https://aka.ms/powershell*'
    }
}
