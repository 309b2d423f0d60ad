using Xunit.Abstractions;

[assembly: TestCollectionOrderer("NasSync.Tests.Support.LongFirst", "NasSync.Tests")]

namespace NasSync.Tests.Support;

/// <summary>
/// Marks a class that takes tens of seconds. It starts before the others; if it started last, it would run alone while the other cores are idle.
/// The cases of a class run one after the other, so split a class that takes a minute.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LongAttribute : Attribute;

/// <summary>Runs the classes with <see cref="LongAttribute"/> first.</summary>
internal sealed class LongFirst : ITestCollectionOrderer
{
    private static readonly HashSet<string> Long =
        [.. typeof(LongFirst).Assembly.GetTypes().Where(type => type.IsDefined(typeof(LongAttribute), inherit: false)).Select(type => type.FullName!)];

    // xunit makes a collection of each class, named "Test collection for " and the class's name.
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Long.Contains(collection.DisplayName.Split(' ')[^1]) ? 0 : 1);
}
