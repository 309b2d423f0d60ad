using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using NasSync.Scheduling;

namespace NasSync.Tests.Scheduling;

/// <summary>
/// The rules of the published schema of the Task Scheduler ([MS-TSCH] 2.5, and "Task Scheduler Schema" in the Windows documentation), as far as they
/// touch what is written here. Every element that occurs must be known to them.
/// </summary>
internal static class TaskSchema
{
    private static readonly XNamespace Ns = WindowsTask.Namespace;

    // triggerBaseType: a sequence that each trigger extends at its end.
    private static readonly string[] TriggerBase = ["Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit"];

    private static readonly Dictionary<string, Rule> Rules = new()
    {
        ["Task"] = Rule.All(["RegistrationInfo", "Triggers", "Settings", "Data", "Principals"], ["Actions"]),
        ["RegistrationInfo"] = Rule.All(["URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description", "Documentation"]),
        ["Triggers"] = Rule.Many(["BootTrigger", "TimeTrigger", "LogonTrigger", "CalendarTrigger"], 0, 48),
        ["TimeTrigger"] = Rule.Sequence([.. TriggerBase, "RandomDelay"]),
        ["CalendarTrigger"] = Rule.Sequence([.. TriggerBase, "RandomDelay", "ScheduleByDay"], ["ScheduleByDay"]),
        ["BootTrigger"] = Rule.Sequence([.. TriggerBase, "Delay"]),
        ["LogonTrigger"] = Rule.Sequence([.. TriggerBase, "UserId", "Delay"]),
        ["Repetition"] = Rule.All(["Duration", "StopAtDurationEnd"], ["Interval"]),
        ["ScheduleByDay"] = Rule.All(["DaysInterval"]),
        ["Principals"] = Rule.Many(["Principal"], 1, 1),
        ["Principal"] = Rule.All(["UserId", "LogonType", "GroupId", "DisplayName", "RunLevel", "ProcessTokenSidType", "RequiredPrivileges"]),
        ["Settings"] = Rule.All(
        [
            "AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries",
            "AllowHardTerminate",
            "StartWhenAvailable", "NetworkProfileName", "RunOnlyIfNetworkAvailable", "WakeToRun", "Enabled", "Hidden", "DeleteExpiredTaskAfter",
            "IdleSettings",
            "NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle", "UseUnifiedSchedulingEngine", "DisallowStartOnRemoteAppSession",
        ]),
        ["Actions"] = Rule.Many(["Exec"], 1, 32),
        ["Exec"] = Rule.All(["Arguments", "WorkingDirectory"], ["Command"]),
    };

    private static readonly Dictionary<string, Func<string, bool>> Values = new()
    {
        ["Enabled"] = IsBoolean,
        ["DisallowStartIfOnBatteries"] = IsBoolean,
        ["StopIfGoingOnBatteries"] = IsBoolean,
        ["AllowHardTerminate"] = IsBoolean,
        ["StartWhenAvailable"] = IsBoolean,
        ["MultipleInstancesPolicy"] = text => text is "Parallel" or "Queue" or "IgnoreNew" or "StopExisting",
        ["LogonType"] = text => text is "S4U" or "Password" or "InteractiveToken" or "InteractiveTokenOrPassword",
        ["RunLevel"] = text => text is "LeastPrivilege" or "HighestAvailable",
        ["ExecutionTimeLimit"] = IsDuration,
        ["RandomDelay"] = IsDuration,
        ["Delay"] = IsDuration,
        ["Interval"] = text =>
            IsDuration(text) && XmlConvert.ToTimeSpan(text) >= TimeSpan.FromMinutes(1) && XmlConvert.ToTimeSpan(text) <= TimeSpan.FromDays(31),
        ["StartBoundary"] = text => Regex.IsMatch(text, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?$"),
        ["DaysInterval"] = text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) is >= 1 and <= 365,
        ["Priority"] = text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) is >= 0 and <= 10,
        ["UserId"] = text => text.Length > 0,
        ["Command"] = text => text.Length is >= 1 and <= 260,
        ["Arguments"] = _ => true,
        ["URI"] = text => text.Length > 0,
        ["Source"] = _ => true,
        ["Description"] = _ => true,
    };

    /// <summary>What breaks a rule; empty when nothing does.</summary>
    public static IReadOnlyList<string> Problems(string xml)
    {
        var root = XDocument.Parse(xml[xml.IndexOf("<Task", StringComparison.Ordinal)..]).Root!;
        var problems = new List<string>();
        if (root.Name != Ns + "Task") problems.Add($"the root is {root.Name}");
        if (!Regex.IsMatch((string?)root.Attribute("version") ?? "", @"^\d+(\.\d+){1,3}$")) problems.Add("version");

        // PrincipalKey and ContextKeyRef: who the actions run as is one of the principals.
        var principals = root.Descendants(Ns + "Principal").Select(principal => (string?)principal.Attribute("id")).ToList();
        if (!principals.Contains((string?)root.Element(Ns + "Actions")?.Attribute("Context"))) problems.Add("Context names no principal");
        foreach (var element in root.DescendantsAndSelf()) Check(element, problems);
        return problems;
    }

    private static void Check(XElement element, List<string> problems)
    {
        var name = element.Name.LocalName;
        if (element.Name.Namespace != Ns) problems.Add($"{name} is in another namespace");
        if (Rules.TryGetValue(name, out var rule))
            problems.AddRange(rule.Problems(name, [.. element.Elements().Select(child => child.Name.LocalName)]));
        else if (!Values.TryGetValue(name, out var isRight)) problems.Add($"{name} is unknown");
        else if (element.HasElements || !isRight(element.Value)) problems.Add($"{name} has the value '{element.Value}'");
    }

    private static bool IsBoolean(string text) => text is "true" or "false" or "0" or "1";

    private static bool IsDuration(string text) =>
        Regex.IsMatch(text, @"^P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$") && text is not ("P" or "PT") && !text.EndsWith('T');

    private sealed record Rule(string[] Known, string[] Required, bool InOrder, int Most)
    {
        public static Rule All(string[] optional, string[]? required = null) =>
            new([.. optional, .. required ?? []], required ?? [], InOrder: false, Most: 1);

        public static Rule Sequence(string[] order, string[]? required = null) => new(order, required ?? [], InOrder: true, Most: 1);

        public static Rule Many(string[] known, int least, int most) => new(known, least > 0 ? known[..1] : [], InOrder: false, most);

        public IEnumerable<string> Problems(string parent, List<string> children)
        {
            foreach (var child in children.Except(Known)) yield return $"{parent} may not have {child}";
            foreach (var child in Required.Except(children)) yield return $"{parent} lacks {child}";
            foreach (var child in children.GroupBy(child => child).Where(group => group.Count() > Most))
                yield return $"{parent} has {child.Key} {child.Count()} times";
            if (InOrder && !children.Select(child => Array.IndexOf(Known, child))
                .SequenceEqual(children.Select(child => Array.IndexOf(Known, child)).Order())) yield return $"{parent} has its elements out of order";
        }
    }
}
