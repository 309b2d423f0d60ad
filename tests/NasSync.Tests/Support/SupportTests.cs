namespace NasSync.Tests.Support;

public sealed class SupportTests
{
    [Fact]
    public void A_temp_folder_is_gone_after_its_test_and_what_its_links_point_to_is_kept()
    {
        using var kept = new TempFolder();
        var file = kept.Write("a/b.txt", "stay");
        string path;
        using (var folder = new TempFolder())
        {
            path = folder.Path;
            Directory.CreateSymbolicLink(folder["link"], kept.Path);
        }

        Assert.False(Directory.Exists(path));
        Assert.Equal("stay", File.ReadAllText(file));
    }

    [Fact]
    public void A_command_that_no_machine_has_is_named_as_missing() =>
        Assert.Equal("needs the command 'no-such-command'", Requires.Missing("no-such-command"));

    [Fact]
    public void A_sample_job_writes_its_files_and_a_manifest_that_lists_them()
    {
        using var outputs = new TempFolder();
        var manifest = new SampleJob(outputs.Path, "job_1").Add("stems/vocals.m4a", "stems", "vocals", declare: true).Write();

        Assert.Equal(["job_1/manifest.json", "job_1/stems/vocals.m4a"], outputs.Files().Select(file => file.Path));
        Assert.Contains(TempFolder.Sha256Of(outputs["job_1/stems/vocals.m4a"]), File.ReadAllText(manifest));
    }
}
