using System.CommandLine;

namespace NasSync.Service.Commands;

/// <summary>The option <c>--force</c> of <c>sync</c> and <c>plan</c>.</summary>
internal static class ForceOption
{
    /// <summary>The option, for one command.</summary>
    public static Option<bool> Create() => new("--force")
    {
        Description = "Look at every target again although the ledger says that nothing changed; of a released source by size and time alone, "
            + "which verify reads.",
    };
}
