using System.Reflection;
using System.Text.RegularExpressions;
using NasSync.PowerShell;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

public sealed class CmdletTests
{
    private static readonly string[] ChangingVerbs =
        ["New", "Set", "Remove", "Invoke", "Resume", "Approve", "Start", "Stop", "Register", "Unregister"];

    // Looks by writing: it tries promises with files of its own.
    private static readonly string[] ChangingTests = ["Test-SyncDestination"];

    [Fact]
    public void Cmdlets_are_found_and_their_attributes_are_seen()
    {
        Assert.True(CmdletShape.All.Count >= 6);
        Assert.All(CmdletShape.All, cmdlet => Assert.NotEmpty(cmdlet.Parameters));
    }

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets_there_are()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "NasSync.psd1"));
        var list = Regex.Match(text, @"CmdletsToExport = @\(([^)]*)\)").Groups[1].Value;
        var exported = Regex.Matches(list, "'([^']+)'").Select(match => match.Groups[1].Value);
        Assert.Equal(CmdletShape.All.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Verbs_are_approved_and_nouns_are_ours()
    {
        var approved = typeof(System.Management.Automation.VerbsCommon).Assembly.GetTypes()
            .Where(type => type.Name.StartsWith("Verbs", StringComparison.Ordinal) && type.IsPublic)
            .SelectMany(type => type.GetFields())
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!)
            .ToList();
        Assert.Contains("Get", approved);
        Assert.All(CmdletShape.All, cmdlet => Assert.Contains(cmdlet.Verb, approved));
        Assert.All(CmdletShape.All, cmdlet => Assert.Matches("^(Artifact)?Sync[A-Z]?[a-z]*$", cmdlet.Noun));
    }

    [Fact]
    public void Every_cmdlet_says_what_it_writes() => Assert.All(CmdletShape.All, cmdlet => Assert.NotEmpty(cmdlet.OutputTypes));

    [Fact]
    public void Outputs_are_types_that_a_script_can_name() =>
        Assert.All(CmdletShape.All.SelectMany(cmdlet => cmdlet.OutputTypes), type =>
            Assert.True(
                type.Assembly == typeof(Manifest).Assembly || type.Assembly == typeof(object).Assembly,
                $"{type} lives in the module's own load context"));

    [Fact]
    public void What_changes_things_asks_first_and_what_only_looks_does_not() =>
        Assert.All(
            CmdletShape.All,
            cmdlet => Assert.Equal(ChangingVerbs.Contains(cmdlet.Verb) || ChangingTests.Contains(cmdlet.Name), cmdlet.SupportsShouldProcess));

    [Fact]
    public void No_cmdlet_has_a_dry_run_switch_of_its_own() =>
        Assert.DoesNotContain(
            CmdletShape.All.SelectMany(cmdlet => cmdlet.Parameters),
            parameter => parameter.Name is "DryRun" or "WhatIf" or "Confirm");

    [Fact]
    public void Parameter_sets_can_be_told_apart() =>
        Assert.All(CmdletShape.All, cmdlet =>
        {
            var withoutMark =
                cmdlet.Sets.Where(set => !cmdlet.In(set).Any(entry => entry.Use.Mandatory && Marks(cmdlet, entry.Parameter, set))).ToList();
            if (cmdlet.Sets.Count == 1 || withoutMark.Count == 0) return;
            Assert.Equal(cmdlet.DefaultSet, Assert.Single(withoutMark));
        });

    [Fact]
    public void Each_set_takes_one_kind_of_object_from_the_pipeline() =>
        Assert.All(
            CmdletShape.All,
            cmdlet => Assert.All(cmdlet.Sets, set => Assert.InRange(cmdlet.In(set).Count(entry => entry.Use.FromPipeline), 0, 1)));

    [Fact]
    public void Positions_of_a_set_are_numbered_without_gaps() =>
        Assert.All(CmdletShape.All, cmdlet => Assert.All(cmdlet.Sets, set =>
        {
            var positions = cmdlet.In(set).Select(entry => entry.Use.Position).Where(position => position is not null).Order().ToList();
            Assert.Equal(Enumerable.Range(0, positions.Count).Cast<int?>(), positions);
        }));

    [Fact]
    public void Beside_a_path_with_wildcards_stands_a_literal_one() =>
        Assert.All(CmdletShape.All.Where(cmdlet => cmdlet.Parameters.Any(parameter => parameter is { Name: "Path", TakesWildcards: true })), cmdlet =>
        {
            var literal = cmdlet.Parameters.Single(parameter => parameter.Name == "LiteralPath");
            Assert.Contains("PSPath", literal.Names);
            Assert.False(literal.TakesWildcards);
            Assert.All(literal.Uses.Values, use => Assert.True(use.FromPipelineByPropertyName));
        });

    [Fact]
    public void Config_completes_file_names_wherever_it_stands()
    {
        var parameters = CmdletShape.All.SelectMany(cmdlet => cmdlet.Parameters).Where(parameter => parameter.Name == "Config").ToList();
        Assert.True(parameters.Count >= 5);
        Assert.All(parameters, parameter => Assert.True(parameter.Completes && parameter.Type == typeof(string)));
    }

    [Theory]
    [InlineData("Get-SyncManifest", "Resolve-SyncRoute", typeof(Manifest))]
    [InlineData("Get-SyncManifest", "Invoke-ArtifactSync", typeof(Manifest))]
    [InlineData("Resolve-SyncRoute", "Invoke-ArtifactSync", typeof(RouteDecision))]
    public void What_one_cmdlet_writes_the_next_one_takes(string from, string to, Type type)
    {
        Assert.Contains(type, CmdletShape.Of(from).OutputTypes);
        var taken = CmdletShape.Of(to).Parameters
            .Where(parameter => parameter.Uses.Values.Any(use => use.FromPipeline))
            .Select(parameter => parameter.ElementType);
        Assert.Contains(type, taken);
    }

    [Fact]
    public void What_can_bind_by_its_text_refuses_what_is_none_and_says_by_which_properties_it_binds()
    {
        var byText = CmdletShape.All.SelectMany(cmdlet => cmdlet.Parameters)
            .Where(parameter => parameter.ElementType == typeof(string) && parameter.Uses.Values.Any(use => use.FromPipeline))
            .ToList();
        Assert.True(byText.Count >= 7);
        Assert.All(byText, parameter => Assert.NotEmpty(parameter.BindsBy));
    }

    [Theory]
    [InlineData("Get-SyncManifest", "LiteralPath", "ManifestPath")]
    [InlineData("Invoke-ArtifactSync", "LiteralPath", "ManifestPath")]
    [InlineData("Test-ArtifactSync", "LiteralPath", "ManifestPath")]
    [InlineData("Get-SyncFailure", "JobId", "JobId")]
    public void Objects_bind_by_the_property_that_names_what_a_cmdlet_takes(string cmdlet, string parameter, string property)
    {
        var shape = CmdletShape.Of(cmdlet).Parameters.Single(one => one.Name == parameter);
        Assert.Contains(property, shape.Names);
        Assert.All(shape.Uses.Values, use => Assert.True(use.FromPipelineByPropertyName));
        Type[] outputs = [typeof(SyncItem), typeof(RouteDecision), typeof(CopyFinding), typeof(RecordedFailure)];
        var having = outputs.Where(type => type.GetProperty(property)?.PropertyType == typeof(string)).ToList();
        Assert.Equal(outputs, having);
    }

    [Fact]
    public void Names_take_wildcards_and_complete_by_one_rule()
    {
        string[] names = ["Name", "JobId", "Kind", "Route", "Destination"];
        string[] verbs = ["Get", "Resolve", "Test", "Unregister"];
        var all = (from cmdlet in CmdletShape.All
                   where verbs.Contains(cmdlet.Verb)
                   from parameter in cmdlet.Parameters
                   where names.Contains(parameter.Name)
                   select (Id: $"{cmdlet} -{parameter.Name}", Parameter: parameter)).ToList();
        Assert.True(all.Count >= 9);
        Assert.All(all, one => Assert.True(one.Parameter.TakesWildcards, one.Id));
        Assert.All(all, one => Assert.True(one.Parameter.Completes, one.Id));
    }

    [Fact]
    public void Every_time_span_takes_seconds() =>
        Assert.All(
            CmdletShape.All.SelectMany(cmdlet => cmdlet.Parameters).Where(parameter => parameter.Type == typeof(TimeSpan)),
            parameter => Assert.True(parameter.TakesSeconds));

    [Fact]
    public void The_file_that_New_SyncConfig_writes_can_be_tested_next()
    {
        Assert.Contains(typeof(FileInfo), CmdletShape.Of("New-SyncConfig").OutputTypes);
        Assert.Contains(CmdletShape.Of("Test-SyncConfig").Parameters, parameter =>
            parameter.Names.Contains("PSPath") && parameter.Uses.Values.All(use => use.FromPipelineByPropertyName));
    }

    [Fact]
    public void Names_of_destinations_come_down_the_pipeline_and_complete()
    {
        var name = CmdletShape.Of("Test-SyncDestination").Parameters.Single(parameter => parameter.Name == "Name");
        Assert.True(name.Completes);
        Assert.Equal(typeof(string[]), name.Type);
        Assert.Contains("Destination", name.BindsBy);

        // By property the name of a folder would bind before the folder.
        Assert.All(
            name.Uses.Values,
            use => Assert.True(use is { Mandatory: true, Position: 0, FromPipeline: true, FromPipelineByPropertyName: false }));
    }

    [Fact]
    public void An_unknown_destination_is_told_with_the_nearest_name() =>
        Assert.Equal(
            "The configuration has no destination 'vualt'; did you mean 'vault'?",
            CmdletFailure.DestinationUnknown("vualt", ["attic", "vault"]).Message);

    [Fact]
    public void Error_ids_are_stable_PascalCase_words_and_every_error_has_a_cure()
    {
        var failures = typeof(CmdletFailure).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(method => (Failure)method.Invoke(null, [.. method.GetParameters().Select(Sample)])!)
            .ToList();
        Assert.Equal(
            [
                "AccountNeeded", "AccountNeeded", "ConfigFileNeeded", "ConfigInvalid", "CredentialUnused", "DestinationUnknown", "DryWatch",
                "FailureUnknown", "FileExists",
                "InputIncomplete", "InputNamesNothing", "InputNamesNothing", "InputNamesNothing", "JobNotFound", "JobNotFound", "JobNotFound",
                "NoScheduler", "NotAFileSystem",
                "NotWritable", "NothingToApprove", "OutputsDirUnset", "PathNotFound", "RouteUnknown", "SampleInvalid", "ScheduleInvalid",
                "SettingUnknown", "TaskNameInvalid", "TaskNotFound", "Unexpected", "VaultRefused", "VaultUnavailable", "WaitTimedOut",
                "WatcherUnknown",
            ],
            failures.Select(failure => failure.Code).Order(StringComparer.Ordinal));
        Assert.All(failures, failure => Assert.EndsWith(".", failure.Hint, StringComparison.Ordinal));

        static object Sample(ParameterInfo parameter) =>
            parameter.ParameterType == typeof(string) ? "sample"
            : parameter.ParameterType == typeof(int) ? 7
            : parameter.ParameterType == typeof(long) ? 7L
            : parameter.ParameterType == typeof(SyncWatcher) ? new SyncWatcher(7, "/outputs", SampleEvents.Noon)
            : parameter.ParameterType == typeof(Exception) ? new InvalidOperationException("sample")
            : parameter.ParameterType == typeof(IReadOnlyCollection<string>) ? new[] { "simple" }
            : new ConfigProblem[] { new(ConfigSeverity.Error, "sample", 1, 1, "sample", "sample") };
    }

    [Fact]
    public void Only_the_error_factory_makes_error_records() =>
        Assert.Empty(
            from source in Repository.Sources("src/NasSync.PowerShell")
            where source.Path != "ErrorRecords.cs" && source.Lines.Any(line => line.Contains("new ErrorRecord", StringComparison.Ordinal))
            select source.Path);

    [Fact]
    public void PowerShell_itself_is_not_in_the_output()
    {
        // .../bin/<configuration>/<framework>
        var configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        var output = Path.Combine(Repository.Root, "src", "NasSync.PowerShell", "bin", configuration, "net8.0");
        Assert.True(File.Exists(Path.Combine(output, "NasSync.PowerShell.dll")));
        Assert.False(File.Exists(Path.Combine(output, "System.Management.Automation.dll")));
    }

    private static bool Marks(CmdletShape cmdlet, ParameterShape parameter, string set) =>
        cmdlet.Sets.Where(other => other != set).All(other => cmdlet.In(other).All(entry => entry.Parameter.Name != parameter.Name));
}
