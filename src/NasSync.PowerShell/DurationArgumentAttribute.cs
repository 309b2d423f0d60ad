using System.Globalization;
using System.Management.Automation;
using NasSync.Config;

namespace NasSync.PowerShell;

/// <summary>
/// Accepts a time span as people write it: a TimeSpan, a number of seconds, or the configuration's syntax such as <c>10m</c>. Without it PowerShell
/// would take a number for ticks, which is next to nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            TimeSpan span => span,
            int or long or double or decimal => Seconds(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) => Seconds(seconds),
            string text when Durations.Parse(text) is { Problem: null } words => words.Value,

            // PowerShell gives the best message for anything else.
            _ => inputData,
        };
    }

    private static TimeSpan Seconds(double seconds) =>
        seconds is >= 0 and <= 100L * 366 * 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentTransformationMetadataException($"{seconds} s is no time span from now on.");
}
