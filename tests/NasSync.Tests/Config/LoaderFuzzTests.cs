using System.Text;
using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>Broken texts of every kind: a result comes out, never an exception, and without an error there is a configuration.</summary>
public sealed class LoaderFuzzTests
{
    // A longer hunt: NASSYNC_FUZZ_ROUNDS=100000 with another NASSYNC_FUZZ_SEED.
    private static readonly int Rounds = Number("NASSYNC_FUZZ_ROUNDS", 800);
    private static readonly int Seed = Number("NASSYNC_FUZZ_SEED", 20260114);

    private static readonly string[] Pieces =
    [
        "nasSync:", "routes:", "- ", "  ", "\t", "\n", "\r\n", ": ", "[", "]", "{", "}", "\"", "'", "|", ">", "#", "&a", "*a", "!t", "? ", "%YAML 1.1", "---", "...", "~", "null",
        "${", "}", "$${", "${remoteRoots.", "..", "/", "\\", "\\x", "\\u00", "\\ud83c", "\0", "\u0085", "\u2028", "\ufeff", "😀", "env:", "file:", "1e99", "-1", "99999999999999999999999", "08:00-", "<<", ",", "@", "`",
    ];

    [Fact]
    public void Mutations_of_a_file_never_throw()
    {
        var random = new Random(Seed);
        using var folder = new TempFolder();
        foreach (var seed in new[] { YamlTests.Everything, ConfigTemplate.Yaml() })
        {
            for (var i = 0; i < Rounds; i++) Check(folder, Mutate(seed, random), null);
        }
    }

    [Fact]
    public void Mutations_of_a_variable_never_throw()
    {
        const string seed = """[{"kind":"audio","variant":"instrumental","to":["${remoteRoots.audio}/x","/y/${artist}"],"as":"${title}${ext}","onConflict":"skip"},{"match":{"kind":"é"},"to":"/z"}]""";
        var random = new Random(Seed);
        using var folder = new TempFolder();
        for (var i = 0; i < Rounds; i++) Check(folder, null, Mutate(seed, random));
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;

    private static void Check(TempFolder folder, string? yaml, string? routes)
    {
        ConfigResult result;
        try
        {
            var variables = routes is null ? Array.Empty<(string, string)>() : [("NAS_SYNC_ROUTES", routes)];
            result = ConfigText.Load(folder.Path, yaml, variables);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.GetType().Name} for: {yaml ?? routes}", e);
        }

        var failed = result.Problems.Any(problem => problem.Severity == ConfigSeverity.Error);
        Assert.Equal(failed, result.Config is null);
        Assert.All(result.Problems, problem => Assert.DoesNotContain(problem.ToString(), char.IsControl));
        if (result.Config is null) return;

        // What loads can be printed, and what is printed loads as the same.
        var printed = ConfigPrinter.Yaml(result.Config);
        var again = ConfigText.Load(folder.Path, printed);
        Assert.True(again.Config is not null, $"{string.Join('\n', again.Problems)}\n{printed}");
        Assert.Equal(printed, ConfigPrinter.Yaml(again.Config));
    }

    private static string Mutate(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            switch (random.Next(4))
            {
                case 0:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
                    break;
                case 2 when at < text.Length:
                    text[at] = (char)random.Next(1, 0x250);
                    break;
                default:
                    var length = Math.Min(random.Next(1, 40), text.Length - at);
                    text.Insert(random.Next(text.Length + 1), text.ToString(at, length));
                    break;
            }
        }

        return text.ToString();
    }
}
