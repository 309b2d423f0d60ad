using Xunit.Sdk;
using Xunit.v3;

namespace NasSync.Tests.Support;

/// <summary>The test that stands for others which this machine cannot run.</summary>
internal static class MissingTest
{
    /// <summary>A test that is skipped, or fails where NASSYNC_TEST_REQUIRE demands what it needs; null when nothing is missing.</summary>
    public static IXunitTestCase? Of(ITestFrameworkDiscoveryOptions options, IXunitTestMethod method, IFactAttribute fact, string[] needs)
    {
        if (Requires.Missing(needs) is not { } missing) return null;
        var test = TestIntrospectionHelper.GetTestCaseDetails(options, method, fact);
        return Requires.MustHave(needs)
            ? new ExecutionErrorTestCase(
                method, test.TestCaseDisplayName, test.UniqueID, test.SourceFilePath, test.SourceLineNumber,
                $"{missing}; NASSYNC_TEST_REQUIRE turns this into a failure")
            : new XunitTestCase(
                method, test.TestCaseDisplayName, test.UniqueID, test.Explicit, test.SkipExceptions, missing, null, null, null,
                TestIntrospectionHelper.GetTraits(method, dataRow: null), null, test.SourceFilePath, test.SourceLineNumber, test.Timeout);
    }
}
