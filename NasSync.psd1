@{
    # The version stands here and nowhere else: the build reads this line.
    ModuleVersion = '0.1.0'
    RootModule = 'module/NasSync.psm1'
    GUID = '5f0d6f6e-0b7e-4d43-9c8e-3a1f0f1d7c52'
    Author = 'NasSync contributors'
    CompanyName = 'NasSync contributors'
    Copyright = 'NasSync contributors, MIT licence'
    Description = 'Carries finished media to NAS places and proves that it arrived. Needs PowerShell 7.4 or later; to get 7.6: https://aka.ms/powershell'
    PowerShellVersion = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess = @('module/NasSync.Format.ps1xml')
    CmdletsToExport = @(
        'Approve-SyncDestination'
        'Approve-SyncSource'
        'Get-SyncConfig'
        'Get-SyncFailure'
        'Get-SyncManifest'
        'Get-SyncTask'
        'Get-SyncWatcher'
        'Invoke-ArtifactSync'
        'New-SyncConfig'
        'Register-SyncTask'
        'Remove-SyncFailure'
        'Resolve-SyncRoute'
        'Resume-ArtifactSync'
        'Start-SyncWatcher'
        'Stop-SyncWatcher'
        'Test-ArtifactSync'
        'Test-SyncConfig'
        'Test-SyncDestination'
        'Unregister-SyncTask'
        'Wait-SyncWatcher'
    )
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('NAS', 'Sync', 'Backup', 'Media', 'Copy', 'Checksum', 'Windows', 'Linux', 'MacOS', 'PSEdition_Core')
        }
    }
}
