using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(NasSync.Tests.Support.LongFirst))]

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
        [.. typeof(LongFirst).Assembly.GetTypes().Where(type => type.IsDefined(typeof(LongAttribute), inherit: false))
            .Select(type => type.FullName!)];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(collection => IsLong(collection) ? 0 : 1)];

    // xunit makes a collection of each class, named "Test collection for " and the class's name.
    private static bool IsLong(ITestCollection collection) => Long.Contains(collection.TestCollectionDisplayName.Split(' ')[^1]);
}
