using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

/// <summary>
/// What scripts may rely on: the cmdlets with their parameters, and the public types with their members. A change shows in the difference of one
/// file.
/// </summary>
public sealed class SurfaceTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler adds to every record.
    private static readonly string[] OfRecords = ["Equals", "GetHashCode", "ToString", "Deconstruct", "<Clone>$", "PrintMembers"];

    [Fact]
    public void The_public_surface_is_the_one_that_was_looked_at()
    {
        var text = new StringBuilder("# Cmdlets: type [set: position, what binds it], aliases\n");
        foreach (var cmdlet in CmdletShape.All.OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal)) Append(text, cmdlet);
        text.Append("\n# Public types of NasSync.Abstractions\n");
        foreach (var type in typeof(Manifest).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)) Append(text, type);
        Golden.Check("PowerShell/surface.txt", text.ToString());
    }

    private static void Append(StringBuilder text, CmdletShape cmdlet)
    {
        var sets = cmdlet.DefaultSet is { } usual ? $" (default set {usual})" : "";
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n{cmdlet.Name}{sets}{(cmdlet.SupportsShouldProcess ? ", asks first" : "")} -> {string.Join(", ", cmdlet.OutputTypes.Select(Name))}\n");
        foreach (var parameter in cmdlet.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
        {
            var uses = parameter.Uses.OrderBy(use => use.Key, StringComparer.Ordinal)
                .Select(use => $"[{(use.Key == "__AllParameterSets" ? "all" : use.Key)}{Words(use.Value)}]");
            var aliases = parameter.Names.Count > 1 ? $", aliases {string.Join(", ", parameter.Names.Skip(1))}" : "";
            var more = $"{(parameter.TakesWildcards ? ", wildcards" : "")}{(parameter.Completes ? ", completes" : "")}";
            text.Append(CultureInfo.InvariantCulture, $"  -{parameter.Name} {Name(parameter.Type)} {string.Join(' ', uses)}{aliases}{more}\n");
        }
    }

    private static string Words(ParameterUse use) =>
        $"{(use.Mandatory ? ", required" : "")}{(use.Position is { } position ? $", {position}" : "")}"
        + $"{(use.FromPipeline ? ", by value" : "")}{(use.FromPipelineByPropertyName ? ", by name" : "")}";

    private static void Append(StringBuilder text, Type type)
    {
        var kind = type.IsEnum
            ? "enum"
            : type.IsValueType ? "struct" : type.IsInterface ? "interface" : type is { IsAbstract: true, IsSealed: true } ? "static class" : "class";
        var isDerived = type.BaseType is { } above && above != typeof(object) && above != typeof(ValueType) && above != typeof(Enum);
        text.Append(CultureInfo.InvariantCulture, $"\n{kind} {Name(type)}{(isDerived ? $" : {Name(type.BaseType!)}" : "")}\n");
        foreach (var member in Members(type).Order(StringComparer.Ordinal)) text.Append(CultureInfo.InvariantCulture, $"  {member}\n");
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {field.GetRawConstantValue()}");
        return
        [
            .. type.GetConstructors().Where(constructor => !IsGenerated(constructor)).Select(constructor => $"new({Parameters(constructor)})"),
            .. type.GetProperties(Declared).Select(Property),
            .. type.GetFields(Declared).Select(field => $"{(field.IsLiteral ? "const " : "")}{Name(field.FieldType)} {field.Name}"),
            .. type.GetEvents(Declared).Select(happening => $"event {Name(happening.EventHandlerType!)} {happening.Name}"),
            .. type.GetMethods(Declared)
                .Where(method => !method.IsSpecialName && !OfRecords.Contains(method.Name))
                .Select(method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})"),
        ];
    }

    private static string Property(PropertyInfo property)
    {
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) is true;
        var isRequired = property.GetCustomAttributesData().Any(data => data.AttributeType == typeof(RequiredMemberAttribute));
        return $"{(property.GetMethod!.IsStatic ? "static " : "")}{(isRequired ? "required " : "")}{Name(property.PropertyType)} {property.Name} {{ "
            + $"get; {(property.SetMethod is not { IsPublic: true } ? "" : isInit ? "init; " : "set; ")}}}";
    }

    private static bool IsGenerated(ConstructorInfo constructor) =>
        constructor.GetCustomAttributesData().Any(data => data.AttributeType == typeof(CompilerGeneratedAttribute));

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } plain) return $"{Name(plain)}?";
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[]";
        var name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        return type.IsGenericType ? $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
