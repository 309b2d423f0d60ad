using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace NasSync.Tests.PowerShell;

/// <summary>What a page says of a cmdlet and that nobody writes by hand: its syntax, and the facts of each parameter.</summary>
internal static class HelpFacts
{
    /// <summary>One line for each set, those of <c>-WhatIf</c> and the common parameters at the end.</summary>
    public static string Syntax(CmdletShape cmdlet)
    {
        var text = new StringBuilder();
        foreach (var set in cmdlet.Sets.OrderByDescending(set => set == cmdlet.DefaultSet))
        {
            text.Append(cmdlet.Name);
            var entries = cmdlet.In(set).OrderBy(entry => entry.Use.Position ?? int.MaxValue).ThenByDescending(entry => entry.Use.Mandatory).ThenBy(
                entry => entry.Parameter.Name,
                StringComparer.Ordinal);
            foreach (var (parameter, use) in entries) text.Append(' ').Append(Word(parameter, use));
            text.Append(cmdlet.SupportsShouldProcess ? " [-WhatIf] [-Confirm]" : "").Append(" [<CommonParameters>]\n");
        }

        return text.ToString();
    }

    /// <summary>The lines of one parameter, without its default.</summary>
    public static string Of(CmdletShape cmdlet, string name)
    {
        if (name is "WhatIf" or "Confirm")
            return $"Type: SwitchParameter\nAliases: {(name == "WhatIf" ? "wi" : "cf")}\nRequired: False\nPosition: Named\nPipeline: False\n";
        var parameter = cmdlet.Parameters.Single(parameter => parameter.Name == name);
        var sets = parameter.Uses.Keys.Where(set => set != "__AllParameterSets").ToList();
        var uses = parameter.Uses.Values;
        var byValue = uses.Any(use => use.FromPipeline) ? "ByValue" : "";
        var byName = uses.Any(use => use.FromPipelineByPropertyName) ? "ByPropertyName" : "";
        var pipeline = string.Join(", ", new[] { byValue, byName }.Where(word => word.Length > 0));
        var text = new StringBuilder("Type: ").Append(TypeName(parameter.Type)).Append('\n');
        if (sets.Count > 0) text.Append(CultureInfo.InvariantCulture, $"Sets: {string.Join(", ", sets)}\n");
        if (parameter.Names.Count > 1) text.Append(CultureInfo.InvariantCulture, $"Aliases: {string.Join(", ", parameter.Names.Skip(1))}\n");
        if (Choices(parameter.Type) is { } choices) text.Append(CultureInfo.InvariantCulture, $"Values: {choices}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"Required: {uses.Any(use => use.Mandatory)}\nPosition: {(uses.First().Position is { } position ? $"{position}" : "Named")}\n");
        text.Append(CultureInfo.InvariantCulture, $"Pipeline: {(pipeline.Length > 0 ? $"True ({pipeline})" : "False")}\n");
        return text.Append(parameter.TakesWildcards ? "Wildcards: True\n" : "").ToString();
    }

    /// <summary>A type as PowerShell's help shows it.</summary>
    public static string TypeName(Type type) => (Nullable.GetUnderlyingType(type) ?? type).Name;

    private static string? Choices(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } values ? string.Join(", ", values.GetEnumNames()) : null;

    private static string Word(ParameterShape parameter, ParameterUse use)
    {
        var name = use.Position is null ? $"-{parameter.Name}" : $"[-{parameter.Name}]";
        var word = parameter.Type == typeof(SwitchParameter) ? name : $"{name} <{TypeName(parameter.Type)}>";
        return use.Mandatory ? word : $"[{word}]";
    }
}
