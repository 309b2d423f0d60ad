# The help as PowerShell shows it, made from the pages by the script that the build uses.
BeforeDiscovery {
    $script:names = @((Import-PowerShellDataFile -LiteralPath "$PSScriptRoot/../../NasSync.psd1").CmdletsToExport | ForEach-Object { @{ name = $_ } })
    $script:topics = @(Get-ChildItem -LiteralPath "$PSScriptRoot/../../module/en-US" -Filter 'about_*.help.txt' | ForEach-Object { @{ topic = $_.Name -replace '\.help\.txt$' } })
}

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    $module = Copy-TestModule -Path (Join-Path $TestDrive 'modules/NasSync')
    pwsh -NoProfile -NonInteractive -File "$PSScriptRoot/../../module/Build-Help.ps1" -Module $module -Path (Join-Path (Split-Path $module) 'en-US/NasSync.PowerShell.dll-Help.xml')
    $LASTEXITCODE | Should -Be 0

    # By the module path alone: nobody imports a module to read about it.
    $json = Invoke-Session -ArgumentList (Join-Path $TestDrive 'modules') -ScriptBlock {
        $env:PSModulePath = $args[0] + [IO.Path]::PathSeparator + $env:PSModulePath
        $shown = [ordered]@{}
        foreach ($topic in Get-Help about_NasSync* | Sort-Object -Property Name) { $shown[$topic.Name] = "$(Get-Help $topic.Name)" }
        $commands = [ordered]@{}
        foreach ($command in Get-Command -Module NasSync -CommandType Cmdlet) {
            $help = Get-Help $command.Name -Full
            $commands[$command.Name] = @{
                synopsis = "$($help.Synopsis)"
                description = @($help.description.Text)
                examples = @($help.examples.example | ForEach-Object { @{ title = $_.title; code = $_.code; remarks = @($_.remarks.Text) -join '' } })
                parameters = @($help.parameters.parameter | ForEach-Object { @{ name = $_.name; text = @($_.description.Text) -join ' '; pipeline = $_.pipelineInput; position = $_.position; default = $_.defaultValue } })
                expected = @($command.Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.Cmdlet]::CommonParameters })
                links = @($help.relatedLinks.navigationLink.linkText)
                inputs = @($help.inputTypes.inputType.type.name)
                outputs = @($help.returnValues.returnValue.type.name)
                syntax = @($help.syntax.syntaxItem).Count
                sets = $command.ParameterSets.Count
                text = Get-Help $command.Name -Full | Out-String -Width 120
            }
        }
        ConvertTo-Json -InputObject @{ topics = $shown; commands = $commands } -Depth 6 -Compress
    }
    $script:help = $json | ConvertFrom-Json -AsHashtable
}

Describe 'Get-Help' {
    It '<name> shows synopsis, description, two examples and every parameter' -ForEach $names {
        $shown = $help.commands[$name]
        $shown.synopsis | Should -Match '^[A-Z].*[.?]$'
        $shown.description | Should -Not -BeNullOrEmpty
        $shown.examples.Count | Should -Be 2
        foreach ($example in $shown.examples) {
            $example.code | Should -Match "\b$name\b"
            $example.remarks | Should -Not -BeNullOrEmpty
        }
        @($shown.parameters.name | Sort-Object) | Should -Be @($shown.expected | Sort-Object)
        foreach ($parameter in $shown.parameters) { $parameter.text | Should -Match '^[A-Z].*\.$' -Because "-$($parameter.name) is described" }
        $shown.syntax | Should -Be $shown.sets
        $shown.links.Count | Should -BeGreaterThan 1
        $shown.inputs | Should -Not -BeNullOrEmpty
        $shown.outputs | Should -Not -BeNullOrEmpty
        # No mark of Markdown reaches the console.
        $shown.text | Should -Not -Match '```|(?<!\[[a-z]+)\]\(|\]\((?!\$)|<!--'
    }

    It 'knows from the engine what nobody wrote' {
        $path = $help.commands['Get-SyncManifest'].parameters | Where-Object { $_.name -eq 'Path' }
        $path.pipeline | Should -Be 'True (ByValue, ByPropertyName)'
        $path.position | Should -Be '0'
        $path.default | Should -Be "the configuration's outputsDir"
    }

    It 'finds the topic <topic>' -ForEach $topics {
        $help.topics[$topic] | Should -BeLike "TOPIC*$topic*SHORT DESCRIPTION*"
    }
}

Describe 'The script that makes the help' {
    It 'ends with an error when a page and its cmdlet differ' {
        $pages = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'pages')).FullName
        Copy-Item -Path "$PSScriptRoot/../../docs/cmdlets/*.md" -Destination $pages
        $page = "$pages/Get-SyncTask.md"
        (Get-Content -LiteralPath $page -Raw).Replace('### -Scope', '### -Scoop') | Set-Content -LiteralPath $page
        $said = pwsh -NoProfile -NonInteractive -File "$PSScriptRoot/../../module/Build-Help.ps1" -Module (Get-TestModulePath) -Path (Join-Path $TestDrive 'bad.xml') -Pages $pages 2>&1
        $LASTEXITCODE | Should -Be 1
        "$said" | Should -Match 'Get-SyncTask'
        "$said" | Should -Match 'Scoop'
    }
}
