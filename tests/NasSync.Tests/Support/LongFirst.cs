using Xunit.Abstractions;

[assembly: TestCollectionOrderer("NasSync.Tests.Support.LongFirst", "NasSync.Tests")]

namespace NasSync.Tests.Support;

/// <summary>
/// A class that takes tens of seconds of its own. It begins before the others: one that begins last goes on alone while every other core waits. Its
/// cases run one after the other, so a class that takes a minute is better two.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LongAttribute : Attribute;

/// <summary>Begins with the classes that have <see cref="LongAttribute"/>.</summary>
internal sealed class LongFirst : ITestCollectionOrderer
{
    private static readonly HashSet<string> Long =
        [.. typeof(LongFirst).Assembly.GetTypes().Where(type => type.IsDefined(typeof(LongAttribute), inherit: false)).Select(type => type.FullName!)];

    // xunit makes a collection of each class and names it after that: "Test collection for " and the class.
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Long.Contains(collection.DisplayName.Split(' ')[^1]) ? 0 : 1);
}
