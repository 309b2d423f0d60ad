using System.Globalization;

namespace NasSync.Manifests;

/// <summary>
/// Collects invalid fields that do not matter for copying. Reports the first in full and counts the others, because a producer usually repeats its
/// mistake in all of them.
/// </summary>
internal sealed class Oddities(string path)
{
    private string? _first;
    private int _more;

    /// <summary>Adds an invalid field.</summary>
    /// <param name="at">The position of its value.</param>
    /// <param name="what">The field and its allowed values.</param>
    public void Add(TextPosition at, string what)
    {
        if (_first is null) _first = $"{ManifestFailure.Show(path)}:{at}: {what}";
        else _more++;
    }

    /// <summary>All invalid fields as one notice; null when there are none.</summary>
    public Notice? Notice()
    {
        if (_first is null) return null;
        var others = _more switch
        {
            0 => "",
            1 => ", and another field is not as it should be",
            _ => $", and {_more.ToString(CultureInfo.InvariantCulture)} other fields are not as they should be",
        };
        return new Notice("ManifestOdd", $"{_first}{others}.", "The files are copied anyway; let the producer correct the manifest.");
    }
}
