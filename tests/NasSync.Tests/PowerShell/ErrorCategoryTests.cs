using System.Management.Automation;
using NasSync.PowerShell;

namespace NasSync.Tests.PowerShell;

public sealed class ErrorCategoryTests
{
    public static TheoryData<FailureClass, ErrorCategory> Table => new()
    {
        { FailureClass.Transient, ErrorCategory.ResourceBusy },
        { FailureClass.Throttled, ErrorCategory.LimitsExceeded },
        { FailureClass.Unavailable, ErrorCategory.ResourceUnavailable },
        { FailureClass.NoSpace, ErrorCategory.QuotaExceeded },
        { FailureClass.Permission, ErrorCategory.PermissionDenied },
        { FailureClass.Auth, ErrorCategory.AuthenticationError },
        { FailureClass.Mismatch, ErrorCategory.InvalidResult },
        { FailureClass.Conflict, ErrorCategory.ResourceExists },
        { FailureClass.Escape, ErrorCategory.SecurityError },
        { FailureClass.Gone, ErrorCategory.ObjectNotFound },
        { FailureClass.Invalid, ErrorCategory.InvalidData },
        { FailureClass.Config, ErrorCategory.InvalidArgument },
        { FailureClass.Bug, ErrorCategory.NotSpecified },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_class_of_failure_has_a_category(FailureClass of, ErrorCategory category) => Assert.Equal(category, ErrorRecords.Category(of));

    [Fact]
    public void The_table_has_every_class() => Assert.Equal(Enum.GetValues<FailureClass>().Order(), Table.Select(row => row.Data.Item1).Order());
}
