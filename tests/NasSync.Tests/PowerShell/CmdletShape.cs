using System.Reflection;
using NasSync.PowerShell;

namespace NasSync.Tests.PowerShell;

/// <summary>
/// A cmdlet as its attributes describe it. PowerShell's compiler reference is hollow: its attributes cannot be made, so they are read as data.
/// Ordinary reflection would find none of them, and every test would pass.
/// </summary>
internal sealed class CmdletShape
{
    private const string AllSets = "__AllParameterSets";

    private CmdletShape(Type type, CustomAttributeData cmdlet)
    {
        Type = type;
        Verb = (string)cmdlet.ConstructorArguments[0].Value!;
        Noun = (string)cmdlet.ConstructorArguments[1].Value!;
        SupportsShouldProcess = Named(cmdlet, "SupportsShouldProcess") is true;
        DefaultSet = (string?)Named(cmdlet, "DefaultParameterSetName");
        OutputTypes = [.. Attributes(type, "OutputTypeAttribute")
            .SelectMany(data => (IEnumerable<CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)
            .Select(argument => (Type)argument.Value!)];
        Parameters = [.. type.GetProperties()
            .Where(property => Attributes(property, "ParameterAttribute").Any())
            .Select(property => new ParameterShape(property))];
        var named = Parameters.SelectMany(parameter => parameter.Uses.Keys).Where(set => set != AllSets).Distinct().ToList();
        Sets = named.Count == 0 ? [AllSets] : named;
    }

    public static IReadOnlyList<CmdletShape> All { get; } =
    [
        .. from type in typeof(AsyncCmdlet).Assembly.GetTypes()
           from cmdlet in Attributes(type, "CmdletAttribute")
           select new CmdletShape(type, cmdlet),
    ];

    public Type Type { get; }

    public string Verb { get; }

    public string Noun { get; }

    public string Name => $"{Verb}-{Noun}";

    public bool SupportsShouldProcess { get; }

    public string? DefaultSet { get; }

    public IReadOnlyList<Type> OutputTypes { get; }

    public IReadOnlyList<ParameterShape> Parameters { get; }

    public IReadOnlyList<string> Sets { get; }

    public static CmdletShape Of(string name) => All.Single(cmdlet => cmdlet.Name == name);

    public IEnumerable<(ParameterShape Parameter, ParameterUse Use)> In(string set) =>
        from parameter in Parameters
        let use = parameter.Uses.GetValueOrDefault(set) ?? parameter.Uses.GetValueOrDefault(AllSets)
        where use is not null
        select (parameter, use);

    public static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name) =>
        member.GetCustomAttributesData().Where(data => data.AttributeType.Name == name);

    public static object? Named(CustomAttributeData data, string name) =>
        data.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value;

    public override string ToString() => Name;
}

/// <summary>How a parameter takes part in one set.</summary>
internal sealed record ParameterUse(bool Mandatory, int? Position, bool FromPipeline, bool FromPipelineByPropertyName);

/// <summary>A parameter as its attributes describe it.</summary>
internal sealed class ParameterShape(PropertyInfo property)
{
    public string Name => property.Name;

    public Type Type => property.PropertyType;

    /// <summary>The type of one element, where the parameter takes several.</summary>
    public Type ElementType => property.PropertyType.GetElementType() ?? property.PropertyType;

    public bool TakesWildcards => CmdletShape.Attributes(property, "SupportsWildcardsAttribute").Any();

    public bool TakesSeconds => CmdletShape.Attributes(property, "DurationArgumentAttribute").Any();

    /// <summary>The properties by which objects bind that are no text.</summary>
    public IReadOnlyList<string> BindsBy { get; } =
    [
        .. from argument in CmdletShape.Attributes(property, "TextArgumentAttribute")
           from name in (IEnumerable<CustomAttributeTypedArgument>)argument.ConstructorArguments[0].Value!
           select (string)name.Value!,
    ];

    public bool Completes => CmdletShape.Attributes(property, "ArgumentCompleterAttribute").Any();

    public IReadOnlyList<string> Names { get; } =
    [
        property.Name,
        .. from alias in CmdletShape.Attributes(property, "AliasAttribute")
           from name in (IEnumerable<CustomAttributeTypedArgument>)alias.ConstructorArguments[0].Value!
           select (string)name.Value!,
    ];

    public IReadOnlyDictionary<string, ParameterUse> Uses { get; } = CmdletShape.Attributes(property, "ParameterAttribute").ToDictionary(
        data => (string?)CmdletShape.Named(data, "ParameterSetName") ?? "__AllParameterSets",
        data => new ParameterUse(
            CmdletShape.Named(data, "Mandatory") is true,
            (int?)CmdletShape.Named(data, "Position"),
            CmdletShape.Named(data, "ValueFromPipeline") is true,
            CmdletShape.Named(data, "ValueFromPipelineByPropertyName") is true));
}
