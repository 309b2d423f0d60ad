using System.Collections;
using System.Management.Automation;

namespace NasSync.PowerShell;

/// <summary>
/// Prevents that an object is bound as its text, which names nothing. An object with a property by which it binds is left to that property, or to
/// another parameter that takes such objects; in a list its property is taken; any other object is one clear error.
/// </summary>
/// <param name="properties">The parameter's name and aliases: the properties by which objects bind.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextArgumentAttribute(params string[] properties) : ArgumentTransformationAttribute
{
    // No path and no name contains it.
    private const char Mark = '\0';

    /// <summary>The properties by which objects bind.</summary>
    public IReadOnlyList<string> Properties => properties;

    /// <summary>Whether the parameter accepts wildcards, so that a name from an object in a list must be escaped.</summary>
    public bool IsPattern { get; init; }

    /// <summary>Whether the attribute takes the property, because the parameter does not bind by property name itself.</summary>
    public bool TakesProperty { get; init; }

    /// <summary>Whether to refuse a list of objects too: the parameter would take only part of their meaning.</summary>
    public bool OnlyText { get; init; }

    /// <summary>
    /// Whether the cmdlet itself reports a text that names nothing, so that its summary counts it: the cmdlet never sees what parameter binding
    /// refuses.
    /// </summary>
    public bool Tells { get; init; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = Bare(inputData);
        if (value is null || IsText(value)) return Given(inputData)!;
        if (value is IList list)
        {
            var items = list.Cast<object?>().ToList();
            if (OnlyText && items.Find(item => Bare(item) is { } bare && !IsText(bare) && Named(item!) is not null) is { } odd)
                throw Leaving(Bare(odd));
            return items.Select(TextOf).ToArray();
        }

        var text = TextOf(inputData);
        return TakesProperty || Refused(text as string) is not null ? text! : throw Leaving(value);
    }

    /// <summary>Why a text names nothing, when the cmdlet must report it; null for every other text.</summary>
    internal static string? Refused(string? text) => text is [Mark, ..] ? text[1..] : null;

    private object? Given(object? item) => Tells && Bare(item) is null or "" ? Mark + "What was given is empty, and names nothing here." : item;

    // With an inner cast error, the pipeline binder tries the object's property or another parameter next. An argument fails with this error.
    private static ArgumentTransformationMetadataException Leaving(object? value)
    {
        var message =
            $"An object of the type {value?.GetType().Name ?? "null"} is no text: send it down the pipeline, or give it to "
                + "the parameter that takes such objects.";
        return new ArgumentTransformationMetadataException(message, new PSInvalidCastException(message));
    }

    private static object? Bare(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;

    private object? TextOf(object? item)
    {
        var value = Bare(item);
        if (value is null || IsText(value)) return Given(value);
        if (Named(item!) is not { } text) return Tells ? Mark + Refusal(value).Message : throw Refusal(value);
        return IsPattern ? WildcardPattern.Escape(text) : text;
    }

    private string? Named(object item)
    {
        var wrapped = PSObject.AsPSObject(item);
        return properties.Select(name => Bare(wrapped.Properties[name]?.Value) as string).FirstOrDefault(text => text is { Length: > 0 });
    }

    private ArgumentTransformationMetadataException Refusal(object? value) =>
        new($"An object of the type {value?.GetType().Name ?? "null"} names nothing here: it has no {string.Join(" or ", properties)}.");

    private static bool IsText(object? value) => value is string or char or FileSystemInfo or PathInfo or Uri or IConvertible;
}
