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
