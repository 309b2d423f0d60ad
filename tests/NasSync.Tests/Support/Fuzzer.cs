using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace NasSync.Tests.Support;

/// <summary>
/// Feeds a reader with valid samples and with randomly broken ones. The test's callback decides which answers are right: an exception from it fails
/// the test, which prints the shortened input in two forms that can be pasted into a new test. A reader also fails when it takes hundreds of
/// megabytes for an input, or seconds even when it is asked again. <c>NASSYNC_FUZZ_INPUTS</c> is the number of inputs for each reader (default
/// 3,000).
/// <c>NASSYNC_FUZZ_SEED</c> is the seed of the inputs after the first 1,500 (default 1), so a run is the same on every machine.
/// </summary>
/// <param name="samples">Valid inputs.</param>
/// <param name="pieces">Byte sequences that have broken readers of this kind before.</param>
internal sealed class Fuzzer(IReadOnlyList<byte[]> samples, IReadOnlyList<byte[]> pieces)
{
    private const int AlwaysTheSame = 1500;
    private const int FirstSeed = 20260114;
    private const int LongestText = 64 * 1024;
    private const int MostKept = 500;
    private const long MostBytes = 256L << 20;
    private static readonly long Inputs = Number("NASSYNC_FUZZ_INPUTS", 3000);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Hangs = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Shortening = TimeSpan.FromSeconds(10);

    // An input that led to a new kind of answer is added, and later changes start from it.
    private readonly List<byte[]> _corpus = [.. samples];
    private readonly int _longest = Math.Max(LongestText, 2 * samples.Max(sample => sample.Length));
    private readonly Dictionary<string, int> _answers = new(StringComparer.Ordinal);
    private long _begun;
    private byte[] _input = [];
    private int _inputs;

    /// <summary>Divides the number of inputs, where several fuzzers share one reader or each input takes long.</summary>
    public int Sharing { get; init; } = 1;

    /// <summary>A fuzzer for texts in UTF-8.</summary>
    public static Fuzzer OfTexts(IEnumerable<string> samples, params string[] pieces) =>
        new(Bytes(samples), [.. Bytes(pieces), [0xFF], [0xC0, 0xAE], [0xED, 0xA0, 0x80], [0xE2, 0x80]]);

    /// <summary>Runs until all inputs were read.</summary>
    /// <param name="output">Receives the seed and the totals.</param>
    /// <param name="read">Reads an input and returns the kind of answer; an exception fails the test.</param>
    /// <returns>The count of each kind of answer; a test that meets only one kind proves nothing.</returns>
    public IReadOnlyDictionary<string, int> Run(ITestOutputHelper output, Func<byte[], string> read)
    {
        var seed = (int)Number("NASSYNC_FUZZ_SEED", 1);
        output.WriteLine($"NASSYNC_FUZZ_SEED={seed}");
        var clock = Stopwatch.StartNew();
        Exception? failure = null;
        var thread = new Thread(() => failure = Feed(read, seed)) { IsBackground = true, Name = "fuzz" };
        _begun = Stopwatch.GetTimestamp();
        thread.Start();
        while (!thread.Join(TimeSpan.FromSeconds(1)))
            if (failure is null && Stopwatch.GetElapsedTime(Interlocked.Read(ref _begun)) > Hangs) Assert.Fail($"it hangs: {Shown(_input)}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_inputs} inputs in {clock.Elapsed.TotalSeconds:0.0} s, {_inputs / clock.Elapsed.TotalSeconds:0} a second, {_corpus.Count} kept"));
        output.WriteLine(
            string.Join(", ", _answers.OrderByDescending(answer => answer.Value).Take(40).Select(answer => $"{answer.Key} {answer.Value}")));
        if (failure is null) return _answers;
        var shortened = Shorten(read, _input, failure.GetType());
        throw new InvalidOperationException($"input {_inputs}: {failure.GetType().Name}: {failure.Message}\n{Shown(shortened)}", failure);
    }

    private Exception? Feed(Func<byte[], string> read, int seed)
    {
        try
        {
            foreach (var sample in samples) Try(read, sample);
            var random = new Random(FirstSeed);
            var wanted = Inputs / Sharing;
            while (_inputs < Math.Min(AlwaysTheSame, wanted)) Try(read, Mutate(random));
            for (random = new Random(seed); _inputs < wanted;) Try(read, Mutate(random));
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private void Try(Func<byte[], string> read, byte[] input)
    {
        _input = input;
        _inputs++;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Interlocked.Exchange(ref _begun, Stopwatch.GetTimestamp());
        var answer = read(input);
        var (took, bytes) = (Stopwatch.GetElapsedTime(_begun), GC.GetAllocatedBytesForCurrentThread() - allocated);
        if (took > Slow && Again(read, input) is var again && again > Slow)
            throw new TimeoutException($"it took {took.TotalSeconds:0.0} s, and {again.TotalSeconds:0.0} s again");
        if (bytes > MostBytes) throw new InsufficientMemoryException($"it took {bytes} bytes");
        _answers[answer] = _answers.GetValueOrDefault(answer) + 1;
        if (_answers[answer] == 1 && _corpus.Count < MostKept) _corpus.Add(input);
    }

    // A busy machine may make any reader slow once; a slow reader is slow each time, so it is timed again.
    private static TimeSpan Again(Func<byte[], string> read, byte[] input)
    {
        var least = TimeSpan.MaxValue;
        for (var tries = 0; tries < 3 && least > Slow; tries++)
        {
            var begun = Stopwatch.GetTimestamp();
            read(input);
            least = TimeSpan.FromTicks(Math.Min(least.Ticks, Stopwatch.GetElapsedTime(begun).Ticks));
        }

        return least;
    }

    private byte[] Mutate(Random random)
    {
        var bytes = _corpus[random.Next(_corpus.Count)].ToList();
        for (var count = random.Next(1, 5); count > 0 && bytes.Count > 0; count--) Change(bytes, random);
        if (bytes.Count > _longest) bytes.RemoveRange(_longest, bytes.Count - _longest);
        return [.. bytes];
    }

    private void Change(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        var length = Math.Min(random.Next(1, random.Next(4) == 0 ? 200 : 12), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
            case 4 or 5 when pieces.Count > 0: bytes.InsertRange(at, pieces[random.Next(pieces.Count)]); break;
            case 6 when pieces.Count > 0:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, pieces[random.Next(pieces.Count)]);
                break;
            case 7: Splice(bytes, _corpus[random.Next(_corpus.Count)], random); break;
            case 8 when random.Next(6) == 0: bytes.RemoveRange(at, bytes.Count - at); break;
        }
    }

    // Joins the beginning of one input to the end of another.
    private static void Splice(List<byte> bytes, byte[] other, Random random)
    {
        if (other.Length == 0) return;
        var at = random.Next(bytes.Count);
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other.AsSpan(random.Next(other.Length)));
    }

    private static byte[] Shorten(Func<byte[], string> read, byte[] input, Type failure)
    {
        if (failure == typeof(TimeoutException)) return input;
        var clock = Stopwatch.StartNew();
        for (var length = input.Length / 2; length > 0 && clock.Elapsed < Shortening; length /= 2)
            for (var at = 0; at + length <= input.Length && clock.Elapsed < Shortening;)
            {
                byte[] shorter = [.. input[..at], .. input[(at + length)..]];
                if (Fails(shorter)) input = shorter;
                else at += length;
            }

        return input;

        bool Fails(byte[] shorter)
        {
            try
            {
                read(shorter);
                return false;
            }
            catch (Exception e)
            {
                return e.GetType() == failure;
            }
        }
    }

    private static string Shown(byte[] input)
    {
        var text = new StringBuilder();
        foreach (var b in input.Take(2000))
            text.Append(b is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\' ? ((char)b).ToString() : $"\\x{b:x2}");
        return $"base64: {Convert.ToBase64String(input)}\nbytes: \"{text}\"";
    }

    private static List<byte[]> Bytes(IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static long Number(string variable, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
