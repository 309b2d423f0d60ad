# What 'build.ps1 Pack' is made of: the module's nupkg, the program's archives, and their checksums. One commit gives the same bytes again:
# entries are sorted and bear the commit's time, owners are numbers, and no path of the machine that compiled is inside.

# The properties of everything that leaves this machine. Style was judged by the build; lines in stack traces need no file of their own.
function Get-PackProperty([string] $Root) {
    '-p:UseArtifactsOutput=true', '-p:RunAnalyzers=false', '-p:DebugType=embedded', "-p:PathMap=$Root/=/_/", '-p:UseSharedCompilation=false'
}

# The time of the commit, or what SOURCE_DATE_EPOCH says, or the first that a zip file can hold.
function Get-SourceTime([string] $Root) {
    $seconds = $env:SOURCE_DATE_EPOCH
    if (-not $seconds -and (Get-Command -Name git -CommandType Application -ErrorAction Ignore)) {
        $PSNativeCommandUseErrorActionPreference = $false
        $seconds = git -C $Root log -1 --format=%ct 2>$null
    }
    # An even number: a zip file counts in steps of two.
    if ("$seconds" -match '^\d+$') { [DateTimeOffset]::FromUnixTimeSeconds([long]$seconds - [long]$seconds % 2) }
    else { [DateTimeOffset]::new(1980, 1, 1, 0, 0, 0, [timespan]::Zero) }
}

# The files below a folder as name (with '/') and path, in the same order everywhere.
function Get-PackedFile([string] $Folder) {
    $names = [string[]]@(Get-ChildItem -LiteralPath $Folder -Recurse -File -Force | ForEach-Object { [IO.Path]::GetRelativePath($Folder, $_.FullName).Replace('\', '/') })
    [array]::Sort($names, [StringComparer]::Ordinal)
    foreach ($name in $names) { [pscustomobject]@{ Name = $name; Path = [IO.Path]::Combine($Folder, $name) } }
}

function Write-ZipEntry([IO.Compression.ZipArchive] $Archive, [string] $Name, [byte[]] $Content, [DateTimeOffset] $Time) {
    $entry = $Archive.CreateEntry($Name, [IO.Compression.CompressionLevel]::Optimal)
    $entry.LastWriteTime = $Time.ToUniversalTime()
    $stream = $entry.Open()
    try { $stream.Write($Content, 0, $Content.Length) } finally { $stream.Dispose() }
}

# Files: name and path. Texts: name and content, which come first.
function Write-Zip([string] $Path, [object[]] $File, [Collections.IDictionary] $Text = @{}, [DateTimeOffset] $Time) {
    $archive = [IO.Compression.ZipArchive]::new([IO.File]::Create($Path), [IO.Compression.ZipArchiveMode]::Create)
    try {
        foreach ($name in $Text.Keys) { Write-ZipEntry $archive $name ([Text.Encoding]::UTF8.GetBytes($Text[$name])) $Time }
        foreach ($one in $File) { Write-ZipEntry $archive $one.Name ([IO.File]::ReadAllBytes($one.Path)) $Time }
    }
    finally { $archive.Dispose() }
}

# Every file is readable by all; those that are named here may be run too, whatever the system that packs thinks of such bits.
function Write-Tar([string] $Path, [object[]] $File, [string[]] $Executable, [DateTimeOffset] $Time) {
    $zip = [IO.Compression.GZipStream]::new([IO.File]::Create($Path), [IO.Compression.CompressionLevel]::Optimal)
    $writer = [System.Formats.Tar.TarWriter]::new($zip, [System.Formats.Tar.TarEntryFormat]::Ustar)
    try {
        foreach ($one in $File) {
            $entry = [System.Formats.Tar.UstarTarEntry]::new([System.Formats.Tar.TarEntryType]::RegularFile, $one.Name)
            $entry.ModificationTime = $Time
            $entry.Mode = [IO.UnixFileMode]$(if ((Split-Path -Path $one.Name -Leaf) -in $Executable) { 0x1ED } else { 0x1A4 })
            $entry.DataStream = [IO.File]::OpenRead($one.Path)
            try { $writer.WriteEntry($entry) } finally { $entry.DataStream.Dispose() }
        }
    }
    finally { $writer.Dispose(); $zip.Dispose() }
}

# What a package source wants to know of the module. All of it stands in its manifest; the tags beside its own are those by which it is found as
# a module and by its commands.
function Get-Nuspec([hashtable] $Manifest) {
    $tags = @('PSModule') + $Manifest.PrivateData.PSData.Tags + 'PSIncludes_Cmdlet' +
        @($Manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })
    $escape = { param($text) [Security.SecurityElement]::Escape($text) }
    $project = if ($Manifest.PrivateData.PSData.ContainsKey('ProjectUri')) { "`n    <projectUrl>$(& $escape $Manifest.PrivateData.PSData.ProjectUri)</projectUrl>" }
    @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>NasSync</id>
    <version>$($Manifest.ModuleVersion)</version>
    <authors>$(& $escape $Manifest.Author)</authors>
    <owners>$(& $escape $Manifest.CompanyName)</owners>
    <requireLicenseAcceptance>false</requireLicenseAcceptance>
    <license type="expression">MIT</license>$project
    <description>$(& $escape $Manifest.Description)</description>
    <copyright>$(& $escape $Manifest.Copyright)</copyright>
    <tags>$(& $escape ($tags -join ' '))</tags>
  </metadata>
</package>

"@
}

# A nupkg is a zip file by the Open Packaging Conventions: which part is the nuspec, and of what type each file is.
function Write-ModulePackage([string] $Folder, [string] $Destination, [DateTimeOffset] $Time) {
    $manifest = Import-PowerShellDataFile -LiteralPath (Join-Path -Path $Folder -ChildPath 'NasSync.psd1')
    $files = @(Get-PackedFile $Folder)
    $types = 'rels', 'psmdcp', 'nuspec' + @($files | Where-Object { [IO.Path]::HasExtension($_.Name) } | ForEach-Object { [IO.Path]::GetExtension($_.Name).TrimStart('.').ToLowerInvariant() } | Sort-Object -Unique)
    $type = @{ rels = 'application/vnd.openxmlformats-package.relationships+xml'; psmdcp = 'application/vnd.openxmlformats-package.core-properties+xml' }
    $defaults = foreach ($one in $types) { "<Default Extension=`"$one`" ContentType=`"$($type[$one] ?? 'application/octet')`" />" }
    # A file without an extension is of no type that a default could give it.
    $overrides = foreach ($one in $files | Where-Object { -not [IO.Path]::HasExtension($_.Name) }) { "<Override PartName=`"/$($one.Name)`" ContentType=`"application/octet`" />" }
    $core = 'package/services/metadata/core-properties/nassync.psmdcp'
    $head = '<?xml version="1.0" encoding="utf-8"?>'
    $relationships = 'http://schemas.openxmlformats.org/package/2006/relationships'
    $text = [ordered]@{
        '_rels/.rels' = "$head`n<Relationships xmlns=`"$relationships`">" +
            '<Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/NasSync.nuspec" Id="R1" />' +
            "<Relationship Type=`"$relationships/metadata/core-properties`" Target=`"/$core`" Id=`"R2`" /></Relationships>`n"
        'NasSync.nuspec' = Get-Nuspec $manifest
        '[Content_Types].xml' = "$head`n<Types xmlns=`"http://schemas.openxmlformats.org/package/2006/content-types`">$(-join $defaults)$(-join $overrides)</Types>`n"
        $core = "$head`n<coreProperties xmlns:dc=`"http://purl.org/dc/elements/1.1/`" xmlns=`"http://schemas.openxmlformats.org/package/2006/metadata/core-properties`">" +
            "<dc:creator>$([Security.SecurityElement]::Escape($manifest.Author))</dc:creator><dc:description>$([Security.SecurityElement]::Escape($manifest.Description))</dc:description>" +
            "<dc:identifier>NasSync</dc:identifier><version>$($manifest.ModuleVersion)</version></coreProperties>`n"
    }
    Write-Zip (Join-Path -Path $Destination -ChildPath "NasSync.$($manifest.ModuleVersion).nupkg") $files $text $Time
}

# Whether machine code for a runtime can be made here: the compiler is for the system it runs on, and links with the system's own linker.
function Test-NativeRuntime([string] $Runtime) {
    $Runtime -like 'linux-*' -and $IsLinux -and $Runtime -eq [Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier
}

# The linker by the names it goes by; nothing where there is none.
function Get-Linker { (Get-Command -Name clang, gcc -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Name }

# How the program is compiled for a runtime. Machine code where that can be made: it starts in a third of the time and needs no .NET. Else one file
# that brings .NET along, compiled ahead, not as one composite: that takes minutes and a third more room, and starts no sooner.
# '' is any runtime, on an installed .NET.
function Get-ProgramProperty([string] $Root, [string] $Runtime, [string] $Work) {
    Join-Path -Path $Root -ChildPath 'src/NasSync.Service'
    '--artifacts-path', $Work
    Get-PackProperty $Root
    if (-not $Runtime) { '-p:UseAppHost=false' }
    elseif (Test-NativeRuntime $Runtime) { '--runtime', $Runtime, '-p:PublishAot=true', "-p:CppCompilerAndLinker=$(Get-Linker)" }
    else { '--runtime', $Runtime, '-p:SelfContained=true', '-p:PublishSingleFile=true', '-p:PublishReadyToRun=true', '-p:PublishReadyToRunComposite=false' }
}

# Fetches what compiling for a runtime takes, and says why that failed; nothing when it is all there.
function Restore-Program([string] $Root, [string] $Runtime, [string] $Work) {
    $PSNativeCommandUseErrorActionPreference = $false
    if ((Test-NativeRuntime $Runtime) -and -not (Get-Linker)) { return 'it is compiled to machine code, and there is no linker; install gcc or clang' }
    $properties = @(Get-ProgramProperty $Root $Runtime $Work)
    $said = @(dotnet restore @properties --verbosity quiet 2>&1 | ForEach-Object { "$_" })
    if ($LASTEXITCODE -eq 0) { return }
    $errors = @($said -match 'error' -replace '^.*?error ', '' -replace ' \[[^\]]*\]$', '' | Select-Object -Unique -First 3)
    "its parts did not come from the package source: $($errors ? $errors -join ' ' : "dotnet restore ended with $LASTEXITCODE")"
}

# Compiles the program and gives the folder.
function Publish-Program([string] $Root, [string] $Runtime, [string] $Work) {
    $folder = Join-Path -Path $Work -ChildPath "publish/$($Runtime ? $Runtime : 'portable')"
    if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse -Force }
    $properties = @(Get-ProgramProperty $Root $Runtime $Work)
    dotnet publish @properties --no-restore --configuration Release --output $folder --verbosity quiet -nologo | Out-Host
    $folder
}

# An archive with one folder of its own name: the program, a README of its own, the licence, and for Linux the units.
function Write-ProgramArchive([string] $Root, [string] $Runtime, [string] $Work, [string] $Destination, [string] $Version, [DateTimeOffset] $Time) {
    $name = "nassync-$Version-$($Runtime ? $Runtime : 'portable')"
    $files = @(Get-PackedFile (Publish-Program $Root $Runtime $Work) | Where-Object { [IO.Path]::GetExtension($_.Name) -notin '.pdb', '.xml', '.dbg' })
    $deploy = Join-Path -Path $Root -ChildPath 'deploy'
    $files += [pscustomobject]@{ Name = 'README.md'; Path = Join-Path -Path $deploy -ChildPath 'package.md' }
    $files += [pscustomobject]@{ Name = 'LICENSE'; Path = Join-Path -Path $Root -ChildPath 'LICENSE' }
    if ($Runtime -notlike 'win-*') {
        $files += Get-ChildItem -LiteralPath $deploy | Where-Object { $_.Extension -in '.service', '.timer' } | Sort-Object -Property Name |
            ForEach-Object { [pscustomobject]@{ Name = "deploy/$($_.Name)"; Path = $_.FullName } }
    }
    foreach ($one in $files) { $one.Name = "$name/$($one.Name)" }
    if ($Runtime -like 'linux-*') { Write-Tar (Join-Path -Path $Destination -ChildPath "$name.tar.gz") $files @('nassync') $Time }
    else { Write-Zip (Join-Path -Path $Destination -ChildPath "$name.zip") $files -Time $Time }
}

# As sha256sum writes it and reads it: sha256sum --check SHA256SUMS.
function Write-Checksum([string] $Destination, [string[]] $Name) {
    $lines = foreach ($one in $Name | Sort-Object) { "$((Get-FileHash -LiteralPath (Join-Path -Path $Destination -ChildPath $one) -Algorithm SHA256).Hash.ToLowerInvariant())  $one" }
    [IO.File]::WriteAllText((Join-Path -Path $Destination -ChildPath 'SHA256SUMS'), ($lines -join "`n") + "`n")
}
