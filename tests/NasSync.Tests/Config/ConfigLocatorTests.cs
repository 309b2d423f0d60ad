using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>Which file is taken, and that none is taken that a producer could have written.</summary>
public sealed class ConfigLocatorTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ConfigLocatorTests()
    {
        _folder.Write("media/outputs/job_1/manifest.json", "{}");
        _folder.Write("media/outputs/job_1/audio/a.m4a", "x");
        _folder.MakeFolder("elsewhere");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_named_file_is_taken_before_all_others()
    {
        _folder.Write("elsewhere/nas-sync.yaml", "");

        Assert.Equal(new("x.yaml", null), Locate("elsewhere", null, "x.yaml", "y.yaml"));
        Assert.Equal(new("y.yaml", null), Locate("elsewhere", null, null, "y.yaml"));
        Assert.Equal(new(_folder["elsewhere/nas-sync.yaml"], null), Locate("elsewhere", null, "", ""));
    }

    [Fact]
    public void The_current_folder_comes_before_the_folder_beside_the_outputs()
    {
        _folder.Write("media/nas-sync.yaml", "");
        Assert.Equal(_folder["media/nas-sync.yaml"], Locate("elsewhere", "media/outputs").Path);

        _folder.Write("elsewhere/nas-sync.yml", "");
        Assert.Equal(_folder["elsewhere/nas-sync.yml"], Locate("elsewhere", "media/outputs").Path);

        _folder.Write("elsewhere/nas-sync.yaml", "");
        Assert.Equal(_folder["elsewhere/nas-sync.yaml"], Locate("elsewhere", "media/outputs").Path);
    }

    [Theory]
    [InlineData("media/outputs")]
    [InlineData("media/outputs/")]
    [InlineData("media/outputs/job_1")]
    [InlineData("media/outputs/job_1/manifest.json")]
    public void The_file_beside_the_outputs_folder_is_found_from_everything_in_it(string start)
    {
        _folder.Write("media/nas-sync.yaml", "");

        Assert.Equal(new(_folder["media/nas-sync.yaml"], null), Locate("elsewhere", start));
    }

    [Theory]
    [InlineData("elsewhere", "media/outputs")]
    [InlineData("elsewhere", "media/outputs/job_1")]
    [InlineData("elsewhere", "media/outputs/job_1/audio")]
    [InlineData("media/outputs", null)]
    [InlineData("media/outputs", "media/outputs")]
    [InlineData("media/outputs/job_1", null)]
    [InlineData("media/outputs/job_1", "media/outputs/job_1/manifest.json")]
    [InlineData("elsewhere", "media/outputs/no-manifest-yet")]
    [InlineData("empty-outputs", "empty-outputs")]
    public void A_file_in_an_outputs_or_job_folder_is_never_taken(string current, string? start)
    {
        _folder.MakeFolder("media/outputs/no-manifest-yet");
        foreach (var folder in (string[])["media/outputs", "media/outputs/job_1", "empty-outputs"]) _folder.Write($"{folder}/nas-sync.yaml", "");

        Assert.Null(Locate(current, start).Path);
    }

    [Fact]
    public void A_file_that_is_passed_over_is_named_in_a_warning()
    {
        var file = _folder.Write("media/outputs/nas-sync.yaml", "");

        Assert.Equal(
            $"{file}: warning: config: This file is not used, because producers can write to its folder; move it out of the outputs folder, "
                + "or name it with --config.",
            Locate("media/outputs", null).Warning!.ToString());
    }

    [Fact]
    public void Without_any_file_there_is_none_and_that_is_warned_of()
    {
        var found = Locate("elsewhere", "media/outputs");
        Assert.Null(found.Path);
        Assert.Contains("There is no nas-sync.yaml here, and no variable configures NasSync", found.Warning!.Message, StringComparison.Ordinal);

        // Variables alone may be the configuration.
        Assert.Null(ConfigLocator.Locate(null, new Dictionary<string, string> { ["OUTPUTS_DIR"] = "/data/outputs" }, _folder["elsewhere"]).Warning);
    }

    private ConfigLocation Locate(string current, string? start, string? named = null, string? variable = null) =>
        ConfigLocator.Locate(
            named,
            variable is null ? ConfigText.NoVariables : new Dictionary<string, string> { [ConfigLocator.Variable] = variable },
            _folder[current],
            start is null ? null : _folder[start]);
}
