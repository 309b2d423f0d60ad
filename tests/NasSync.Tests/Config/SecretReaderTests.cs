using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

public sealed class SecretReaderTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["TOKEN"] = "s3cret\n", ["EMPTY"] = "" };

    [Fact]
    public void A_variable_is_taken_as_it_is() => Assert.Equal("s3cret\n", SecretReader.Read(new("env", "TOKEN"), Variables));

    [Theory]
    [InlineData("s3cret", "s3cret")]
    [InlineData("s3cret\n", "s3cret")]
    [InlineData("s3cret\r\n", "s3cret")]
    [InlineData("s3cret\n\n", "s3cret\n")]
    [InlineData(" s3cret ", " s3cret ")]
    public void A_file_loses_one_newline_at_its_end(string content, string secret)
    {
        using var folder = new TempFolder();
        Assert.Equal(secret, SecretReader.Read(new("file", folder.Write("token", content)), Variables));
    }

    [Theory]
    [InlineData("MISSING")]
    [InlineData("EMPTY")]
    public void A_variable_that_is_not_set_is_a_mistake_of_the_configuration(string name)
    {
        var failure = Assert.Throws<FailureException>(() => SecretReader.Read(new("env", name), Variables)).Failure;

        Assert.Equal((FailureClass.Config, "SecretUnset"), (failure.Class, failure.Code));
        Assert.Equal($"The variable {name}, which should hold a secret, is not set.", failure.Message);
    }

    [Fact]
    public void A_program_without_vaults_says_so_and_one_with_vaults_asks_them()
    {
        var reference = new SecretReference("vault", "Media/minio");
        Assert.Equal("VaultUnavailable", Assert.Throws<FailureException>(() => SecretReader.Read(reference, Variables)).Failure.Code);
        try
        {
            SecretReader.Vault = name => name == "Media/minio" ? "s3cret" : null;
            Assert.Equal("s3cret", SecretReader.Read(reference, Variables));
            var failure = Assert.Throws<FailureException>(() => SecretReader.Read(new("vault", "Media/other"), Variables)).Failure;
            Assert.Equal(("SecretUnset", "Set it: Set-Secret -Name other"), (failure.Code, failure.Hint));
        }
        finally
        {
            SecretReader.Vault = null;
        }
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_a_mistake_of_the_configuration()
    {
        using var folder = new TempFolder();
        folder.Write("empty", "\n");
        folder.Write("huge", new byte[65 * 1024]);

        Assert.Equal($"The file {folder["missing"]}, which should hold a secret, does not exist.", Message("missing"));
        Assert.Equal($"The file {folder["empty"]}, which should hold a secret, is empty.", Message("empty"));
        Assert.Equal($"The file {folder["huge"]}, which should hold a secret, is larger than 64 KiB.", Message("huge"));
        Assert.Equal($"The file {folder.Path}, which should hold a secret, cannot be read.", Message("."));

        string Message(string name) =>
            Assert.Throws<FailureException>(() => SecretReader.Read(new("file", Path.GetFullPath(folder[name])), Variables)).Failure.Message;
    }
}
