# Secrets that a configuration takes from a vault. The vault is a module of the test's with the command of SecretManagement; where the secret goes to
# is a port at which nobody listens: whoever got so far has the secret.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Import-TestModule
    $script:modules = Join-Path -Path $TestDrive -ChildPath 'modules'
    $vault = (New-Item -ItemType Directory -Path (Join-Path -Path $modules -ChildPath 'TestVault')).FullName
    Set-Content -LiteralPath "$vault/TestVault.psm1" -Value @"
function Get-Secret {
    [CmdletBinding()]
    param([string] `$Name, [string] `$Vault, [switch] `$AsPlainText)
    Add-Content -LiteralPath '$TestDrive/asked.txt' -Value "`$Vault|`$Name|`$AsPlainText"
    switch (`$Name) {
        'id' { 'KEYID' }
        'key' { [pscredential]::new('someone', (ConvertTo-SecureString -String 'canary-s3cret' -AsPlainText -Force)) }
        'locked' { throw 'A valid password is required to access the vault' }
    }
}
"@
    New-ModuleManifest -Path "$vault/TestVault.psd1" -RootModule 'TestVault.psm1' -ModuleVersion '1.0' -FunctionsToExport 'Get-Secret'
    $script:path = $env:PSModulePath

    function Invoke-WithKey([string] $Key) {
        $space = Initialize-TestSpace -Path (Join-Path -Path $TestDrive -ChildPath ([guid]::NewGuid()))
        $null = Write-TestJob -Outputs "$($space.Root)/outputs" -JobId 'job_1'
        Set-Content -LiteralPath $space.Config -Value @"
nasSync:
  outputsDir: outputs
  workDir: work
  settle: 0s
  retry: { maxAttempts: 1 }
  destinations:
    cloud: { type: s3, bucket: media, endpoint: "http://127.0.0.1:1", accessKeyId: "vault:Media/id", secretAccessKey: "$Key" }
  routes: [ { match: { kind: audio }, to: "cloud:x" } ]
"@
        Invoke-ArtifactSync -Config $space.Config -ErrorVariable failed -ErrorAction SilentlyContinue | Out-Null
        $failed | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }
    }
}

Describe 'A secret by vault:NAME' {
    AfterEach { $env:PSModulePath = $path }

    It 'comes from Get-Secret, as a text or a credential, and shows nowhere' {
        $env:PSModulePath = "$modules$([IO.Path]::PathSeparator)$path"
        $failed = @(Invoke-WithKey 'vault:key')
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Not -BeLike 'Vault*'
        $failed[0].FullyQualifiedErrorId | Should -Not -BeLike 'Secret*'
        Get-Content -LiteralPath "$TestDrive/asked.txt" | Select-Object -Unique | Sort-Object | Should -Be '|key|True', 'Media|id|True'
        "$($failed | Format-List -Property * -Force | Out-String)" | Should -Not -BeLike '*canary*'
    }

    It 'that the vault does not give fails the item with the reason' {
        $env:PSModulePath = "$modules$([IO.Path]::PathSeparator)$path"
        $failed = @(Invoke-WithKey 'vault:locked')
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'VaultRefused*'
        "$($failed[0])" | Should -BeLike '*vault:locked cannot be read: A valid password is required*'
        @(Invoke-WithKey 'vault:none')[0].FullyQualifiedErrorId | Should -BeLike 'SecretUnset*'
    }

    It 'is refused with the cure where there is no SecretManagement' -Skip:([bool](Get-Command -Name Get-Secret -ErrorAction Ignore)) {
        $failed = @(Invoke-WithKey 'vault:key')
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'VaultUnavailable*'
        $failed[0].ErrorDetails.RecommendedAction | Should -BeLike 'Install-PSResource*'
    }
}
