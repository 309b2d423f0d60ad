using System.Globalization;

namespace NasSync.Verifying;

/// <summary>The size of a sample: a number of copies, or a percentage of them.</summary>
public readonly record struct VerifySample
{
    private readonly decimal _percent;
    private readonly long _number;

    private VerifySample(decimal percent, long number) => (_percent, _number) = (percent, number);

    /// <summary>Parses <c>5%</c>, <c>0.5%</c> or <c>200</c>; the value must be above 0 and at most 100 %.</summary>
    public static bool TryParse(string? text, out VerifySample sample)
    {
        sample = default;
        text = text?.Trim() ?? "";
        if (text.EndsWith('%'))
        {
            if (!decimal.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
                || percent is <= 0 or > 100)
                return false;
            sample = new(percent, 0);
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1) return false;
        sample = new(0, number);
        return true;
    }

    /// <summary>The sample size for a number of copies; at least one if there are any.</summary>
    public long Of(long copies) => _number > 0 ? Math.Min(_number, copies) : (long)Math.Ceiling(copies * (_percent / 100));

    /// <summary>The sample as it is written in a command.</summary>
    public override string ToString() =>
        _number > 0 ? _number.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{_percent}%");
}
