using Xunit.Abstractions;
using Xunit.Sdk;

namespace NasSync.Tests.Support;

/// <summary>What a whole test class needs of this machine (see <see cref="Requires"/>); its <see cref="NeedsTheoryAttribute"/> theories heed it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NeedsAttribute(params string[] needs) : Attribute
{
    /// <summary>What the class needs.</summary>
    public string[] Needs { get; } = needs;
}

/// <summary>A theory, often inherited, of a class that may have <see cref="NeedsAttribute"/>: skipped, or failed, as <see cref="RequiresFactAttribute"/> does.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("NasSync.Tests.Support.NeedsTheoryDiscoverer", "NasSync.Tests")]
internal sealed class NeedsTheoryAttribute : TheoryAttribute;

/// <summary>One skipped or failed test for the whole theory where something is missing; a test for each row of data else.</summary>
internal sealed class NeedsTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    /// <inheritdoc/>
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo theory)
    {
        var needs = method.TestClass.Class.GetCustomAttributes(typeof(NeedsAttribute)).SingleOrDefault()?.GetConstructorArguments().Single() as string[] ?? [];
        if (Requires.Missing(needs) is not { } missing) return base.Discover(options, method, theory);
        if (!Requires.MustHave(needs)) return CreateTestCasesForSkip(options, method, theory, missing);
        return
        [
            new ExecutionErrorTestCase(
                DiagnosticMessageSink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, $"{missing}; NASSYNC_TEST_REQUIRE turns this into a failure"),
        ];
    }
}
