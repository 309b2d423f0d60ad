using BenchmarkDotNet.Attributes;

namespace NasSync.Benchmarks;

/// <summary>What every path costs before it may be used, and every two targets before they may be taken for different.</summary>
[MemoryDiagnoser]
public class PathBenchmarks
{
    private string _plain = "";
    private string _encoded = "";
    private string _name = "name";

    /// <summary>Kept in fields, so that the compiler cannot compute the answers.</summary>
    [GlobalSetup]
    public void Set() => (_plain, _encoded, _name) =
        ("audio/northern-line-instrumental.m4a", "audio/100%25 AC／DC.m4a", "Mira Solène/Northern Line (Instrumental).m4a");

    /// <summary>Parsing an ordinary path.</summary>
    [Benchmark]
    public RelativePath Plain() => RelativePath.Parse(_plain);

    /// <summary>Parsing a path that must be decoded to be judged.</summary>
    [Benchmark]
    public RelativePath Encoded() => RelativePath.Parse(_encoded);

    /// <summary>The form for comparison.</summary>
    [Benchmark]
    public string Key() => new Target { Destination = Target.LocalName, Root = "/nas", Path = _name }.Key;
}
