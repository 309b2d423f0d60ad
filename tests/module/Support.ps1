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

# An assembly of the given name and version 1.0.0.0 that holds nothing but Clash.Marker. Add-Type cannot choose the name.
function Write-Stranger {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [string] $Path)
    $assembly = [System.Reflection.Emit.PersistedAssemblyBuilder]::new("$Name, Version=1.0.0.0", [object].Assembly)
    $null = $assembly.DefineDynamicModule($Name).DefineType('Clash.Marker', 'Public').CreateType()
    $assembly.Save($Path)
}

# A job folder as a producer leaves it. Artifacts: @{ path; kind; variant; content }; with content $null no file is written.
function Write-TestJob {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Outputs,
        [Parameter(Mandatory)] [string] $JobId,
        [hashtable[]] $Artifact = @(@{ path = "$JobId.m4a"; kind = 'audio'; variant = 'instrumental'; content = "sound of $JobId" })
    )
    $folder = Join-Path -Path $Outputs -ChildPath $JobId
    $null = New-Item -ItemType Directory -Path $folder -Force
    foreach ($one in $Artifact | Where-Object { $null -ne $_['content'] }) {
        [IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath $one.path), $one['content'])
    }
    $manifest = [ordered]@{
        job_id = $JobId; source_type = 'upload'; artist = 'Ada Quill'; album = 'Paper Moons'; title = 'Northern Line'
        processed_at = '2026-01-14T09:30:00Z'
        artifacts = @($Artifact | ForEach-Object { [ordered]@{ kind = $_.kind; variant = $_['variant']; path = $_.path } })
    }
    $file = Join-Path -Path $folder -ChildPath 'manifest.json'
    $manifest | ConvertTo-Json -Depth 5 | Set-Content -LiteralPath $file
    $file
}

# A workspace of its own: outputs, a configuration that routes audio into nas/audio and video into nas/video, and a work folder.
function Initialize-TestSpace {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)
    $root = (New-Item -ItemType Directory -Path $Path -Force).FullName
    $null = New-Item -ItemType Directory -Path "$root/outputs", "$root/nas/audio", "$root/nas/video" -Force
    Set-Content -LiteralPath "$root/nas-sync.yaml" -Value @'
nasSync:
  outputsDir: outputs
  workDir: work
  logFile: log.jsonl
  remoteRoots: { audio: nas/audio, video: nas/video }
  routes:
    - match: { kind: audio, variant: instrumental }
      to: "${remoteRoots.audio}/Instrumental"
    - match: { kind: video }
      to: "${remoteRoots.video}"
'@
    [pscustomobject]@{ Root = $root; Outputs = "$root/outputs"; Nas = "$root/nas"; Config = "$root/nas-sync.yaml"; Work = "$root/work" }
}

# Everything below a folder that a run could have changed, one line each.
function Get-TreeSnapshot {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)
    Get-ChildItem -LiteralPath $Path -Recurse -Force | Sort-Object -Property FullName | ForEach-Object {
        $hash = if ($_ -is [IO.FileInfo] -and -not $_.LinkType) { (Get-FileHash -LiteralPath $_.FullName).Hash }
        '{0}|{1:o}|{2}' -f $_.FullName, $_.LastWriteTimeUtc, $hash
    }
}

# Runs a script in a session whose host answers every question from a list; gives what was asked, what progress was shown and what came out.
function Invoke-WithAnswer {
    [CmdletBinding()]
    param(
        [System.Collections.Generic.Queue[int]] $Answer = [System.Collections.Generic.Queue[int]]::new(),
        [Parameter(Mandatory)] [scriptblock] $Script,
        [object[]] $ArgumentList = @()
    )
    if (-not ('NasSyncTests.AnsweringHost' -as [type])) {
        Add-Type -TypeDefinition (Get-Content -LiteralPath "$PSScriptRoot/AnsweringHost.cs" -Raw)
    }
    $questions = [System.Collections.Generic.List[string]]::new()
    $progress = [System.Collections.Generic.List[System.Management.Automation.ProgressRecord]]::new()
    $testHost = [NasSyncTests.AnsweringHost]::new($Answer, $questions, $progress)
    $runspace = [runspacefactory]::CreateRunspace($testHost)
    $runspace.Open()
    $session = [powershell]::Create($runspace)
    try {
        $null = $session.AddScript($Script)
        foreach ($one in $ArgumentList) { $null = $session.AddArgument($one) }
        [pscustomobject]@{ Output = @($session.Invoke()); Asked = $questions; Progress = $progress }
    }
    finally {
        $session.Dispose()
        $runspace.Dispose()
    }
}

# A copy of the tested module, laid out as an installed one; its help stands in en-US as soon as Build-Help.ps1 has made it.
function Copy-TestModule {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)
    $manifest = Get-TestModulePath
    $bin = (New-Item -ItemType Directory -Path "$Path/module/bin" -Force).FullName
    Copy-Item -Path "$(Get-TestAssemblyFolder)/*.dll" -Destination $bin
    Copy-Item -LiteralPath $manifest -Destination $Path
    Copy-Item -Path "$(Split-Path $manifest)/module/*" -Include '*.psm1', '*.ps1xml' -Destination "$Path/module"
    Copy-Item -LiteralPath "$PSScriptRoot/../../module/en-US" -Destination $Path -Recurse
    (Get-Item -LiteralPath "$Path/NasSync.psd1").FullName
}

# The samples in a folder of their own, where examples may do as they like.
function Initialize-SampleWorld {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)
    $root = (New-Item -ItemType Directory -Path $Path -Force).FullName
    Copy-Item -LiteralPath "$PSScriptRoot/../../samples/outputs", "$PSScriptRoot/../../samples/nas-sync.yaml" -Destination $root -Recurse
    $root
}

# The examples of a page: the code under each heading, with what a comment says must be done before it, and what it needs.
function Get-PageExample {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path)
    $text = (Get-Content -LiteralPath $Path -Raw) -replace '\r\n', "`n"
    foreach ($match in [regex]::Matches($text, '(?ms)^###? (?<title>[^\n]+)\n(?<body>(?:(?!^##)[^\n]*\n)*?)```powershell\n(?<code>.*?)^```$')) {
        if ($match.Groups['title'].Value -eq 'SYNTAX') { continue }
        @{
            page = [IO.Path]::GetFileNameWithoutExtension($Path)
            title = $match.Groups['title'].Value
            code = $match.Groups['code'].Value.TrimEnd()
            before = [regex]::Match($match.Groups['body'].Value, '<!-- before: (.*?) -->').Groups[1].Value
            needs = [regex]::Match($match.Groups['body'].Value, '<!-- needs: (.*?) -->').Groups[1].Value
        }
    }
}

# Runs an example in a sample world and a runspace of its own; gives what it wrote and its errors as text.
function Invoke-Example {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Root, [Parameter(Mandatory)] [string] $Code, [string] $Before)
    $session = [powershell]::Create()
    try {
        $start = 'param($root, $module) Set-Location -LiteralPath $root; $env:XDG_CONFIG_HOME = "$root/config"; Import-Module $module'
        $null = $session.AddScript($start).AddArgument($Root).AddArgument((Get-TestModulePath)).Invoke()
        foreach ($text in $Before, $Code) {
            if (-not $text) { continue }
            $session.Commands.Clear()
            $output = $session.AddScript($text).Invoke()
            if ($session.HadErrors -and $text -eq $Before) { $session.Streams.Error.Clear() }
        }
        [pscustomobject]@{ Output = @($output); Problem = @($session.Streams.Error | ForEach-Object { "$($_.FullyQualifiedErrorId): $_" }); Warning = @($session.Streams.Warning | ForEach-Object { "$_" }) }
    }
    finally {
        $session.Dispose()
        $env:XDG_CONFIG_HOME = $null
        Get-SyncWatcher | Stop-SyncWatcher
    }
}
