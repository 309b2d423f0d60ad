using Xunit.Sdk;
using Xunit.v3;

namespace NasSync.Tests.Support;

/// <summary>
/// Names what a test class needs of this machine (see <see cref="Requires"/>). Only <see cref="NeedsTheoryAttribute"/> and
/// <see cref="NeedsFactAttribute"/> respect it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NeedsAttribute(params string[] needs) : Attribute
{
    /// <summary>What the class needs.</summary>
    public string[] Needs { get; } = needs;
}

/// <summary>
/// A theory, often inherited, of a class that may have <see cref="NeedsAttribute"/>: skipped, or failed, as <see cref="RequiresFactAttribute"/> does.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(NeedsTheoryDiscoverer))]
internal sealed class NeedsTheoryAttribute : TheoryAttribute;

/// <summary>Makes one skipped or failed test for the whole theory if something is missing, otherwise a test for each row of data.</summary>
internal sealed class NeedsTheoryDiscoverer : TheoryDiscoverer
{
    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions options, IXunitTestMethod method, IFactAttribute theory) =>
        MissingTest.Of(options, method, theory, NeedsOf(method)) is { } missing ? new([missing]) : base.Discover(options, method, theory);

    internal static string[] NeedsOf(IXunitTestMethod method) =>
        ((NeedsAttribute?)Attribute.GetCustomAttribute(method.TestClass.Class, typeof(NeedsAttribute)))?.Needs ?? [];
}

/// <summary>A fact, often inherited, of a class that may have <see cref="NeedsAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(NeedsFactDiscoverer))]
internal sealed class NeedsFactAttribute : FactAttribute;

/// <summary>Makes a skipped or failed test if something is missing.</summary>
internal sealed class NeedsFactDiscoverer : FactDiscoverer
{
    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions options, IXunitTestMethod method, IFactAttribute fact) =>
        MissingTest.Of(options, method, fact, NeedsTheoryDiscoverer.NeedsOf(method)) is { } missing
            ? new([missing])
            : base.Discover(options, method, fact);
}
