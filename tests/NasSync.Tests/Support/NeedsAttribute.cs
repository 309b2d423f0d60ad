using Xunit.Abstractions;
using Xunit.Sdk;

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

/// <summary>A theory, often inherited, of a class that may have <see cref="NeedsAttribute"/>: skipped, or failed, as <see cref="RequiresFactAttribute"/> does.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("NasSync.Tests.Support.NeedsTheoryDiscoverer", "NasSync.Tests")]
internal sealed class NeedsTheoryAttribute : TheoryAttribute;

/// <summary>Makes one skipped or failed test for the whole theory if something is missing, otherwise a test for each row of data.</summary>
internal sealed class NeedsTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    /// <inheritdoc/>
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo theory) =>
        Missing(options, method, theory) ?? base.Discover(options, method, theory);

    /// <summary>A single case that reports what is missing; null when nothing is missing.</summary>
    public IEnumerable<IXunitTestCase>? Missing(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo test)
    {
        var needs = method.TestClass.Class.GetCustomAttributes(typeof(NeedsAttribute)).SingleOrDefault()?.GetConstructorArguments().Single() as string[] ?? [];
        if (Requires.Missing(needs) is not { } missing) return null;
        if (!Requires.MustHave(needs)) return [new MissingTestCase(DiagnosticMessageSink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, missing)];
        return
        [
            new ExecutionErrorTestCase(
                DiagnosticMessageSink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, $"{missing}; NASSYNC_TEST_REQUIRE turns this into a failure"),
        ];
    }
}

/// <summary>A fact, often inherited, of a class that may have <see cref="NeedsAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("NasSync.Tests.Support.NeedsFactDiscoverer", "NasSync.Tests")]
internal sealed class NeedsFactAttribute : FactAttribute;

/// <summary>Makes a skipped or failed test if something is missing.</summary>
internal sealed class NeedsFactDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    private readonly NeedsTheoryDiscoverer _theories = new(diagnostics);
    private readonly FactDiscoverer _facts = new(diagnostics);

    /// <inheritdoc/>
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        _theories.Missing(discoveryOptions, testMethod, factAttribute) ?? _facts.Discover(discoveryOptions, testMethod, factAttribute);
}

/// <summary>A test that is skipped because something is missing. xunit's own class takes the reason only from the attribute.</summary>
internal sealed class MissingTestCase : XunitTestCase
{
    private string _missing = "";

    [Obsolete("Only for xunit, which fills it from what was serialized.", error: true)]
    public MissingTestCase()
    {
    }

    public MissingTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, string missing)
        : base(diagnostics, display, options, method) => _missing = missing;

    /// <inheritdoc/>
    public override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        data.AddValue(nameof(_missing), _missing);
    }

    /// <inheritdoc/>
    public override void Deserialize(IXunitSerializationInfo data)
    {
        _missing = data.GetValue<string>(nameof(_missing));
        base.Deserialize(data);
    }

    /// <inheritdoc/>
    protected override string GetSkipReason(IAttributeInfo factAttribute) => _missing;
}
