using Xunit.Abstractions;
using Xunit.Sdk;

namespace NasSync.Tests.Support;

/// <summary>
/// A fact that needs something of this machine (see <see cref="Requires"/>): <c>[RequiresFact("root", "strace")]</c>. If that is missing, the
/// test is skipped with the reason, or fails with it if NASSYNC_TEST_REQUIRE demands the need.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("NasSync.Tests.Support.RequiresFactDiscoverer", "NasSync.Tests")]
internal sealed class RequiresFactAttribute : FactAttribute
{
    /// <summary>Names what the test needs.</summary>
    public RequiresFactAttribute(params string[] needs)
    {
        Needs = needs;
        if (!Requires.MustHave(needs)) Skip = Requires.Missing(needs)!;
    }

    /// <summary>What the test needs.</summary>
    public string[] Needs { get; }
}

/// <summary>Makes a test that fails with the reason if a demanded need is missing.</summary>
internal sealed class RequiresFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    /// <inheritdoc/>
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo fact)
    {
        var needs = fact.GetNamedArgument<string[]>(nameof(RequiresFactAttribute.Needs));
        return Requires.MustHave(needs)
            ? new ExecutionErrorTestCase(
                DiagnosticMessageSink,
                options.MethodDisplayOrDefault(),
                options.MethodDisplayOptionsOrDefault(),
                method,
                $"{Requires.Missing(needs)}; NASSYNC_TEST_REQUIRE turns this into a failure")
            : base.CreateTestCase(options, method, fact);
    }
}
