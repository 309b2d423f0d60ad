<#
.SYNOPSIS
Makes the module's help file (MAML) from the pages in docs/cmdlets.
.DESCRIPTION
Only prose is taken from the pages. What the engine knows better (types, sets, positions, aliases, what binds from the pipeline) is asked of the
commands of the built module. A page and its command that do not fit together end the build.
.EXAMPLE
pwsh -NoProfile -File module/Build-Help.ps1 -Module out/NasSync/NasSync.psd1 -Path out/NasSync/module/bin/en-US/NasSync.PowerShell.dll-Help.xml
#>
[CmdletBinding()]
param(
    # The manifest of the built module.
    [Parameter(Mandatory)] [string] $Module,

    # The file to write.
    [Parameter(Mandatory)] [string] $Path,

    # The folder of the pages.
    [string] $Pages = (Join-Path -Path $PSScriptRoot -ChildPath '../docs/cmdlets')
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$space = [ordered]@{ maml = 'http://schemas.microsoft.com/maml/2004/10'; command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'; dev = 'http://schemas.microsoft.com/maml/dev/2004/10' }

# The blocks of a page under its headings of one level: title -> lines. Fenced text is not looked into.
function Split-Page([string[]] $Line, [string] $Mark) {
    $sections = [ordered]@{}
    $title = ''
    $fenced = $false
    foreach ($one in $Line) {
        if ($one.StartsWith('```')) { $fenced = -not $fenced }
        if (-not $fenced -and $one.StartsWith("$Mark ")) { $title = $one.Substring($Mark.Length + 1); $sections[$title] = @() }
        elseif ($title) { $sections[$title] += $one }
    }
    $sections
}

# Paragraphs as the console shows them: no fences, no comments, no marks of Markdown, one line each.
function Get-Paragraph([string[]] $Line) {
    $text = ($Line -join "`n") -replace '(?ms)^```.*?^```$' -replace '(?s)<!--.*?-->' -replace '`([^`\n]+)`', '$1' -replace '\[([^\]]+)\]\([^)]+\)', '$1'
    foreach ($paragraph in $text -split '\n\s*\n') { if ($paragraph.Trim()) { $paragraph.Trim() -replace '\s*\n\s*', ' ' } }
}

function Get-Fence([string[]] $Line) {
    $match = [regex]::Match($Line -join "`n", '(?ms)^```\w*\n(.*?)\n?^```$')
    if (-not $match.Success) { throw 'A fenced block is missing.' }
    $match.Groups[1].Value
}

function Write-Element([string] $Name, [scriptblock] $Content, [Collections.IDictionary] $Attribute = @{}) {
    $prefix, $local = $Name -split ':'
    $xml.WriteStartElement($prefix, $local, $space[$prefix])
    foreach ($key in $Attribute.Keys) { $xml.WriteAttributeString($key, $Attribute[$key]) }
    & $Content
    $xml.WriteEndElement()
}

function Write-Text([string] $Name, [string] $Text) { Write-Element $Name { $xml.WriteString($Text) } }

function Write-Paragraph([string] $Name, [string[]] $Line) {
    Write-Element $Name { foreach ($paragraph in Get-Paragraph $Line) { Write-Text 'maml:para' $paragraph } }
}

function Get-TypeName([type] $Type) {
    $plain = [Nullable]::GetUnderlyingType($Type)
    if ($plain) { $plain.Name } else { $Type.Name }
}

# One parameter, as one set has it: in the syntax, or in the list of all.
function Write-Parameter([System.Management.Automation.CommandParameterInfo] $Use, [string[]] $Prose, [bool] $Wildcard) {
    $pipeline = @(if ($Use.ValueFromPipeline) { 'ByValue' }; if ($Use.ValueFromPipelineByPropertyName) { 'ByPropertyName' })
    $attributes = [ordered]@{
        required = "$($Use.IsMandatory)".ToLowerInvariant()
        variableLength = "$($Use.ParameterType.IsArray)".ToLowerInvariant()
        globbing = "$Wildcard".ToLowerInvariant()
        pipelineInput = if ($pipeline) { "True ($($pipeline -join ', '))" } else { 'False' }
        position = if ($Use.Position -ge 0) { "$($Use.Position)" } else { 'named' }
        aliases = if ($Use.Aliases.Count) { $Use.Aliases -join ', ' } else { 'none' }
    }
    Write-Element 'command:parameter' -Attribute $attributes -Content {
        Write-Text 'maml:name' $Use.Name
        Write-Paragraph 'maml:description' $Prose
        $type = Get-TypeName $Use.ParameterType
        if ($Use.ParameterType -ne [switch]) {
            Write-Element 'command:parameterValue' -Attribute @{ required = 'true' } -Content { $xml.WriteString($type) }
        }
        Write-Element 'dev:type' { Write-Text 'maml:name' $type; Write-Text 'maml:uri' '' }
        Write-Text 'dev:defaultValue' ([regex]::Match((Get-Fence $Prose), '(?m)^Default: (.*)$').Groups[1].Value)
    }
}

function Write-Type([string] $List, [string] $Item, [System.Collections.IDictionary] $Types) {
    Write-Element $List {
        foreach ($type in $Types.Keys) {
            Write-Element $Item { Write-Element 'dev:type' { Write-Text 'maml:name' $type }; Write-Paragraph 'maml:description' $Types[$type] }
        }
    }
}

function Write-Command([System.Management.Automation.CmdletInfo] $Command, [System.Collections.IDictionary] $Page) {
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
    $prose = Split-Page $Page['PARAMETERS'] '###'
    $wildcards = @($Command.Parameters.Values | Where-Object { $_.Attributes.Where{ $_ -is [System.Management.Automation.SupportsWildcardsAttribute] } } | ForEach-Object Name)
    $sets = @($Command.ParameterSets)
    $all = [ordered]@{}
    foreach ($set in $sets) { foreach ($use in $set.Parameters) { if ($use.Name -notin $common -and -not $all.Contains($use.Name)) { $all[$use.Name] = $use } } }
    $different = @(Compare-Object -ReferenceObject @($all.Keys) -DifferenceObject @($prose.Keys -replace '^-') | ForEach-Object InputObject)
    if ($different) { throw "$($Command.Name) and its page differ in $($different -join ', ')." }
    Write-Element 'command:command' {
        Write-Element 'command:details' {
            Write-Text 'command:name' $Command.Name
            Write-Paragraph 'maml:description' $Page['SYNOPSIS']
            Write-Text 'command:verb' $Command.Verb
            Write-Text 'command:noun' $Command.Noun
        }
        Write-Paragraph 'maml:description' $Page['DESCRIPTION']
        Write-Element 'command:syntax' {
            foreach ($set in $sets) {
                Write-Element 'command:syntaxItem' {
                    Write-Text 'maml:name' $Command.Name
                    $uses = $set.Parameters | Where-Object Name -NotIn $common | Sort-Object -Stable -Property { if ($_.Position -ge 0) { $_.Position } else { 99 } }, { -not $_.IsMandatory }
                    foreach ($use in $uses) { Write-Parameter $use $prose["-$($use.Name)"] ($use.Name -in $wildcards) }
                }
            }
        }
        Write-Element 'command:parameters' { foreach ($name in $all.Keys) { Write-Parameter $all[$name] $prose["-$name"] ($name -in $wildcards) } }
        Write-Type 'command:inputTypes' 'command:inputType' (Split-Page $Page['INPUTS'] '###')
        Write-Type 'command:returnValues' 'command:returnValue' (Split-Page $Page['OUTPUTS'] '###')
        Write-Element 'maml:alertSet' { Write-Paragraph 'maml:alert' $Page['NOTES'] }
        Write-Element 'command:examples' {
            $examples = Split-Page $Page['EXAMPLES'] '###'
            foreach ($title in $examples.Keys) {
                Write-Element 'command:example' {
                    Write-Text 'maml:title' "--- $title ---"
                    Write-Text 'dev:code' (Get-Fence $examples[$title])
                    Write-Paragraph 'dev:remarks' $examples[$title]
                }
            }
        }
        Write-Element 'command:relatedLinks' {
            foreach ($link in [regex]::Matches($Page['RELATED LINKS'] -join "`n", '(?m)^- \[([^\]]+)\]')) {
                Write-Element 'maml:navigationLink' { Write-Text 'maml:linkText' $link.Groups[1].Value; Write-Text 'maml:uri' '' }
            }
        }
    }
}

$target = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
$null = New-Item -ItemType Directory -Path (Split-Path -Path $target) -Force
$commands = (Import-Module -Name $Module -PassThru).ExportedCmdlets.Values | Sort-Object -Property Name
$xml = [System.Xml.XmlWriter]::Create($target, [System.Xml.XmlWriterSettings]@{ Indent = $true })
try {
    $xml.WriteStartElement('helpItems', 'http://msh')
    $xml.WriteAttributeString('schema', 'maml')
    foreach ($command in $commands) {
        $page = Get-Content -LiteralPath (Join-Path -Path $Pages -ChildPath "$($command.Name).md")
        Write-Command $command (Split-Page $page '##')
    }
    $xml.WriteEndElement()
}
finally { $xml.Dispose() }
