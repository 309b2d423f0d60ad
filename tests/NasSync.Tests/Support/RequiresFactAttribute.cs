using Xunit.Sdk;
using Xunit.v3;

namespace NasSync.Tests.Support;

/// <summary>
/// A fact that needs something of this machine (see <see cref="Requires"/>): <c>[RequiresFact("root", "strace")]</c>. If that is missing, the
/// test is skipped with the reason, or fails with it if NASSYNC_TEST_REQUIRE demands the need.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(RequiresFactDiscoverer))]
internal sealed class RequiresFactAttribute(params string[] needs) : FactAttribute
{
    /// <summary>What the test needs.</summary>
    public string[] Needs { get; } = needs;
}

/// <summary>Makes a test that is skipped, or that fails if a demanded need is missing.</summary>
internal sealed class RequiresFactDiscoverer : FactDiscoverer
{
    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions options, IXunitTestMethod method, IFactAttribute fact) =>
        MissingTest.Of(options, method, fact, ((RequiresFactAttribute)fact).Needs) is { } missing
            ? new([missing])
            : base.Discover(options, method, fact);
}
