using System.CommandLine;

namespace NasSync.Service.Commands;

/// <summary>The option <c>--force</c> of <c>sync</c> and <c>plan</c>.</summary>
internal static class ForceOption
{
    /// <summary>The option, for one command.</summary>
    public static Option<bool> Create() => new("--force")
    {
        Description = "Check every copy, even if the ledger says that nothing has changed. A copy whose source was released is only compared by size "
            + "and time; verify reads it.",
    };
}
