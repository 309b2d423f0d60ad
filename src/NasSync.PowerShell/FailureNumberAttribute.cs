using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// Accepts a failure in place of its number. Objects of other types have an Id too, which is never a failure's: anything but a failure or a whole
/// number is one clear error.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FailureNumberAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Bare(inputData) switch
    {
        IList items => items.Cast<object?>().Select(NumberOf).ToArray(),
        _ => new[] { NumberOf(inputData) },
    };

    private static long NumberOf(object? item)
    {
        var value = Bare(item);
        if (Whole(value) is { } number) return number;
        if (value is not (null or string or ValueType) && IdOfFailure(PSObject.AsPSObject(item!)) is { } named) return named;
        throw new ArgumentTransformationMetadataException(value switch
        {
            null => "What was given is empty: give failures as Get-SyncFailure writes them, or their numbers.",
            string text => $"{Failure.Quote(text)} is no failure's number: give failures as Get-SyncFailure writes them, or their numbers.",
            _ => $"An object of the type {value.GetType().Name} is no failure: give failures as Get-SyncFailure writes them, or their numbers.",
        });
    }

    // An object deserialized from a file, a job or CSV is still a failure, and so is one narrowed by Select-Object.
    private static long? IdOfFailure(PSObject item)
    {
        var isFailure = item.TypeNames.Any(name => name.EndsWith(typeof(RecordedFailure).FullName!, StringComparison.Ordinal))
            || (item.Properties["Subject"] is not null && item.Properties["Attempts"] is not null);
        return isFailure ? Whole(Bare(item.Properties["Id"]?.Value)) : null;
    }

    private static long? Whole(object? value) => value switch
    {
        long or int or short or sbyte or byte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ulong large when large <= long.MaxValue => (long)large,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static object? Bare(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;
}
