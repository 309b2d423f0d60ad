using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using NasSync.Tests.Support;
using NasSync.Webhooks;

namespace NasSync.Tests.Webhooks;

public sealed class HookSignatureTests
{
    // The vector that the libraries of Standard Webhooks are tested with.
    [Fact]
    public void A_signature_is_the_one_that_other_programs_make() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        HookSignature.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"u8));

    [Fact]
    public void A_secret_without_the_prefix_is_itself_the_key() => Assert.Equal(
        HookSignature.Sign("whsec_" + Convert.ToBase64String("Zwölf Boxkämpfer"u8), "id", 1, "{}"u8),
        HookSignature.Sign("Zwölf Boxkämpfer", "id", 1, "{}"u8));

    [Theory]
    [InlineData("whsec_")]
    [InlineData("whsec_c4nary secret!")]
    public void A_secret_that_cannot_be_read_is_refused_and_not_repeated(string secret)
    {
        var failure = Assert.Throws<FailureException>(() => HookSignature.Sign(secret, "id", 1, "{}"u8)).Failure;
        Assert.Equal((FailureClass.Config, "WebhookSecret"), (failure.Class, failure.Code));
        Assert.DoesNotContain("c4nary", failure.ToString() + failure.Hint);
    }

    [Fact]
    public void The_worked_example_of_the_page_is_right()
    {
        var (secret, id, timestamp, body, signature) = Example();
        Assert.Equal(signature, HookSignature.Sign(secret, id, long.Parse(timestamp, null), Encoding.UTF8.GetBytes(body)));
    }

    [RequiresFact("openssl", "bash")]
    public async Task The_command_of_the_page_makes_the_same_signature_with_openssl()
    {
        var script = Regex.Match(Page(), @"^```sh\n(id=.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
        var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var made = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(Example().Signature, made.Trim());
    }

    private static (string Secret, string Id, string Timestamp, string Body, string Signature) Example()
    {
        var page = Page();
        return (Value("secret"), Value("id"), Value("timestamp"), Value("body"), Regex.Match(page, @"^v1,\S+$", RegexOptions.Multiline).Value);

        string Value(string name) => Regex.Match(page, $"^{name}='([^']+)'$", RegexOptions.Multiline).Groups[1].Value;
    }

    private static string Page() => File.ReadAllText(Repository.At("docs/webhooks.md"));
}
