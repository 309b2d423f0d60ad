using NasSync.Destinations;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

public sealed class MemoryContractTests(MemoryContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<MemoryContractTests.Place>(place, output)
{
    public sealed class Place : DestinationFixture
    {
        private protected override Task<IDestination> OpenAsync() => Task.FromResult<IDestination>(new MemoryDestination(TimeProvider.System));
    }
}

public sealed class PlainMemoryContractTests(PlainMemoryContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<PlainMemoryContractTests.Place>(place, output)
{
    /// <summary>A destination with as few capabilities as the contract allows.</summary>
    public sealed class Place : DestinationFixture
    {
        public override IReadOnlyCollection<string> NeedNotApply { get; } =
        [
            "The time of last change is kept",
            "A time with nanoseconds is kept as precisely as the place can",
            "A time just before the next second is not rounded away",
            "A time in 1970 is kept, or the receipt says that it was not",
            "The very beginning of 1970 is kept, or the receipt says that it was not",
            "A time in the year 2099 is kept, or the receipt says that it was not",
            "A replaced file has the time of the new one",
            "Of eight writers that race for one name exactly one wins",
            "A file of the same size that was changed since it was seen is kept",
            "A name of 255 bytes is kept",
            "A name of 255 bytes that are 85 letters is kept",
        ];

        private protected override Task<IDestination> OpenAsync() => Task.FromResult<IDestination>(new MemoryDestination(TimeProvider.System)
        {
            Can = new Capabilities { CaseSensitive = false, LongestName = 143, ServerHash = "sha256" },
        });
    }
}
