using NasSync.Tests.Support;

namespace NasSync.Tests.Architecture;

public sealed class LineTests
{
    private const int Longest = 150;

    // How many longer lines a file has: nearly all of them text of raw strings and patterns, which a break would change or make hard to read.
    private static readonly Dictionary<string, int> Unbreakable = new()
    {
        ["src/NasSync.Core/Destinations/Sftp/RemoteShell.cs"] = 1,
        ["tests/NasSync.Benchmarks/KnownJob.cs"] = 1,
        ["tests/NasSync.Tests/Config/LoaderFuzzTests.cs"] = 1,
        ["tests/NasSync.Tests/Config/PathTests.cs"] = 1,
        ["tests/NasSync.Tests/Destinations/Rsync/RsyncWorld.cs"] = 1,
        ["tests/NasSync.Tests/Destinations/S3/S3FailureTests.cs"] = 1,
        ["tests/NasSync.Tests/Destinations/S3/S3FuzzTests.cs"] = 3,
        ["tests/NasSync.Tests/Destinations/S3/S3VersionTests.cs"] = 1,
        ["tests/NasSync.Tests/Docs/CodesInSources.cs"] = 1,
        ["tests/NasSync.Tests/Docs/ErrorPages.cs"] = 6,
        ["tests/NasSync.Tests/Faults/CanaryTests.cs"] = 2,
        ["tests/NasSync.Tests/Faults/Crashes/SystemCallOrderTests.cs"] = 1,
        ["tests/NasSync.Tests/Faults/Model/ModelWorld.cs"] = 1,
        ["tests/NasSync.Tests/Faults/SshRunTests.cs"] = 1,
        ["tests/NasSync.Tests/Ledgers/PostgresLedgerTests.cs"] = 1,
        ["tests/NasSync.Tests/Manifests/ManifestFuzzTests.cs"] = 2,
        ["tests/NasSync.Tests/Manifests/ManifestLimitTests.cs"] = 1,
        ["tests/NasSync.Tests/Samples/SampleScriptTests.cs"] = 1,
        ["tests/NasSync.Tests/Service/TableTests.cs"] = 1,
        ["tests/NasSync.Tests/Support/ThreePlaces.cs"] = 2,
        ["tests/NasSync.Tests/Transfers/OnlyCopyTests.cs"] = 1,
        ["tests/NasSync.Tests/Transfers/TransferEventJsonTests.cs"] = 1,
    };

    [Fact]
    public void No_line_of_the_sources_is_longer_than_150_columns_but_for_text_that_cannot_be_broken()
    {
        var found =
            from folder in new[] { "src", "tests" }
            from source in Repository.Sources(folder)
            let path = $"{folder}/{source.Path}"
            let numbers = source.Lines.Index().Where(line => line.Item.Length > Longest).Select(line => line.Index + 1).ToList()
            where numbers.Count != Unbreakable.GetValueOrDefault(path)
            select $"{path}: {numbers.Count} lines, not {Unbreakable.GetValueOrDefault(path)}: {string.Join(", ", numbers)}";
        Assert.Equal("", string.Join('\n', found));
    }
}
