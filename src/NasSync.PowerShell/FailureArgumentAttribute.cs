using System.Collections;
using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// Lets the cmdlet itself refuse an object that is no failure, so that its summary counts it: the cmdlet never sees what parameter binding refuses,
/// and its exit code would be that of a run without errors.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FailureArgumentAttribute : ArgumentTransformationAttribute
{
    // No subject of a failure in a ledger contains it.
    private const char Mark = '\0';

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Bare(inputData) switch
    {
        IList items => items.Cast<object?>().Select(FailureOf).ToArray(),
        _ => new[] { FailureOf(inputData) },
    };

    /// <summary>Why the given object is no failure; null when it is one.</summary>
    internal static string? Refused(RecordedFailure failure) => failure.Subject is [Mark, .. var why] ? why : null;

    private static RecordedFailure FailureOf(object? item) => Bare(item) as RecordedFailure ?? new RecordedFailure
    {
        Subject = Mark + (Bare(item) is null
            ? "What was given is empty, and names no failure."
            : $"An object of the type {TypeOf(item!)} is no failure as Get-SyncFailure writes it in this session."),
        Failure = new Failure(FailureClass.Invalid, "", "", ""),
        FirstAt = default,
        LastAt = default,
    };

    private static string TypeOf(object item) => PSObject.AsPSObject(item).TypeNames[0];

    private static object? Bare(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;
}
