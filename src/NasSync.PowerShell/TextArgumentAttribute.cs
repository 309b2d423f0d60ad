using System.Collections;
using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// Keeps an object from being bound as its text, which names nothing. One that has a property by which it binds is left to that, or to another
/// parameter that takes such objects; in a list its property is taken; any other is one clear error.
/// </summary>
/// <param name="properties">The parameter's name and aliases: the properties by which objects bind.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextArgumentAttribute(params string[] properties) : ArgumentTransformationAttribute
{
    /// <summary>The properties by which objects bind.</summary>
    public IReadOnlyList<string> Properties => properties;

    /// <summary>Whether the parameter takes wildcards, so that what an object of a list names must be written as it stands.</summary>
    public bool IsPattern { get; init; }

    /// <summary>Whether the property is taken here, because the parameter does not bind by property name itself.</summary>
    public bool TakesProperty { get; init; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is IList list) return list.Cast<object?>().Select(TextOf).ToArray();
        if (value is null || IsText(value)) return inputData;
        var text = TextOf(inputData);
        return TakesProperty ? text! : inputData;
    }

    private object? TextOf(object? item)
    {
        var value = item is PSObject wrapped ? wrapped.BaseObject : item;
        if (value is null || IsText(value)) return value;
        var text = Named(item!) ?? throw Refusal(value);
        return IsPattern ? WildcardPattern.Escape(text) : text;
    }

    private string? Named(object item)
    {
        var wrapped = PSObject.AsPSObject(item);
        return properties.Select(name => wrapped.Properties[name]?.Value).Select(value => (value as PSObject)?.BaseObject ?? value).OfType<string>().FirstOrDefault(text => text.Length > 0);
    }

    private ArgumentTransformationMetadataException Refusal(object? value) =>
        new($"An object of the type {value?.GetType().Name ?? "null"} names nothing here: it has no {string.Join(", ", properties.SkipLast(1))} or {properties[^1]}.");

    private static bool IsText(object? value) => value is string or char or FileSystemInfo or PathInfo or Uri or IConvertible;
}
