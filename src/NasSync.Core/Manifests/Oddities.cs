using System.Globalization;

namespace NasSync.Manifests;

/// <summary>
/// Fields that are not as they should be and do not matter for copying. The first is told in full and the others are counted, since a producer
/// that writes one wrong writes all of them wrong.
/// </summary>
internal sealed class Oddities(string path)
{
    private string? _first;
    private int _more;

    /// <summary>One more.</summary>
    /// <param name="at">Where its value stands.</param>
    /// <param name="what">The field and what it must be.</param>
    public void Add(TextPosition at, string what)
    {
        if (_first is null) _first = $"{ManifestFailure.Show(path)}:{at}: {what}";
        else _more++;
    }

    /// <summary>All of them as one notice; null when there are none.</summary>
    public Notice? Notice()
    {
        if (_first is null) return null;
        var others =
            _more switch { 0 => "", 1 => ", and another field is not as it should be", _ => $", and {_more.ToString(CultureInfo.InvariantCulture)} other fields are not as they should be" };
        return new Notice("ManifestOdd", $"{_first}{others}.", "The files are copied all the same; let the producer correct it.");
    }
}
