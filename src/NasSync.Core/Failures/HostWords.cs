using System.Text;

namespace NasSync.Failures;

/// <summary>
/// Maps the program's commands to the cmdlets that do the same. Hints name the program's commands; the module translates them, including those in
/// failures that the program wrote into the ledger.
/// </summary>
public static class HostWords
{
    private const string ProgramName = "nassync ";

    /// <summary>Each command with its cmdlet; of commands with a common beginning, the longer one comes first.</summary>
    public static IReadOnlyList<(string Program, string Cmdlet)> Table { get; } =
    [
        ("nassync config check", "Test-SyncConfig"),
        ("nassync config init", "New-SyncConfig"),
        ("nassync config show", "Get-SyncConfig"),
        ("nassync destination accept", "Approve-SyncDestination"),
        ("nassync destination test", "Test-SyncDestination"),
        ("nassync source accept", "Approve-SyncSource"),
        ("nassync install", "Register-SyncTask"),
        ("nassync uninstall", "Unregister-SyncTask"),
        ("nassync plan", "Invoke-ArtifactSync -WhatIf"),
        ("nassync resolve", "Resolve-SyncRoute"),
        ("nassync retry --all", "Get-SyncFailure | Resume-ArtifactSync"),
        ("nassync retry --forget", "Remove-SyncFailure"),
        ("nassync retry", "Resume-ArtifactSync"),
        ("nassync status --failed", "Get-SyncFailure"),
        ("nassync status", "Get-SyncFailure"),
        ("nassync sync --repair", "Invoke-ArtifactSync -Repair"),
        ("nassync sync --force", "Invoke-ArtifactSync -Force"),
        ("nassync sync", "Invoke-ArtifactSync"),
        ("nassync verify --job", "Test-ArtifactSync -JobId"),
        ("nassync verify --plan", "Test-ArtifactSync -Plan"),
        ("nassync verify", "Test-ArtifactSync"),
        ("nassync watch", "Start-SyncWatcher"),
    ];

    /// <summary>
    /// Replaces the program's commands in a text with the cmdlets; leaves text that only looks like a command, such as part of a path.
    /// </summary>
    public static string ForPowerShell(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains("nassync ", StringComparison.Ordinal)) return text;
        foreach (var (program, cmdlet) in Table)
        {
            for (var at = text.IndexOf(program, StringComparison.Ordinal); at >= 0; at = text.IndexOf(program, at + 1, StringComparison.Ordinal))
                if (StandsAlone(text, at, at + program.Length)) text = string.Concat(text.AsSpan(0, at), cmdlet, text.AsSpan(at + program.Length));
        }

        return text;
    }

    /// <summary>
    /// Adds the option <c>--config</c> to the program's commands in a text, so that they use the same configuration wherever they are pasted. Leaves
    /// commands that already have it, and text that only looks like a command.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The configuration file, quoted for a shell where that is needed.</param>
    public static string WithConfig(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains(ProgramName, StringComparison.Ordinal) || text.Contains($"--config {file}", StringComparison.Ordinal)) return text;
        var carried = new StringBuilder(text.Length + file.Length);
        var done = 0;
        for (var at = text.IndexOf(ProgramName, StringComparison.Ordinal); at >= 0; at = text.IndexOf(ProgramName, at + 1, StringComparison.Ordinal))
        {
            var isCommand = Table.Any(row => string.CompareOrdinal(text, at, row.Program, 0, row.Program.Length) == 0
                && StandsAlone(text, at, at + row.Program.Length));
            if (!isCommand || HasConfig(text, at)) continue;

            // The inserted text is not searched again: the file's name may look like a command.
            var end = at + ProgramName.Length;
            carried.Append(text, done, end - done).Append("--config ").Append(file).Append(' ');
            done = end;
        }

        return carried.Append(text, done, text.Length - done).ToString();
    }

    /// <summary>The failure with cmdlets in its hint.</summary>
    public static Failure ForPowerShell(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var hint = ForPowerShell(failure.Hint);
        return ReferenceEquals(hint, failure.Hint) ? failure : failure with { Hint = hint };
    }

    // Looks up to the next command, if there is one.
    private static bool HasConfig(string text, int from)
    {
        var next = text.IndexOf(ProgramName, from + 1, StringComparison.Ordinal);
        return text.AsSpan(from, (next < 0 ? text.Length : next) - from).Contains(" --config ", StringComparison.Ordinal);
    }

    private static bool StandsAlone(string text, int from, int to) =>
        (from == 0 || text[from - 1] is ' ' or '\'' or '`' or '(')
            && (to == text.Length || !(char.IsLetterOrDigit(text[to]) || text[to] is '-' or '_' or '/'));
}
