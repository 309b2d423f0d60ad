using System.Globalization;

namespace NasSync.Benchmarks;

/// <summary>
/// Makes the files that bench/run copies: <c>make-jobs ARTIFACTS OUTPUTS JOBS FILES BYTES</c> writes JOBS folders of FILES random files each below
/// OUTPUTS, each with its manifest, and the same files without manifests below ARTIFACTS; <c>-</c> leaves ARTIFACTS out.
/// </summary>
internal static class JobMaker
{
    private const int Piece = 1 << 20;

    /// <summary>Makes them.</summary>
    public static void Run(string[] args)
    {
        var places = args[0] == "-" ? [args[1]] : args[..2];
        var (jobs, files, bytes) = (Number(args[2]), Number(args[3]), long.Parse(args[4], CultureInfo.InvariantCulture));
        var random = new Random(1);
        for (var job = 1; job <= jobs; job++)
        {
            var id = $"job_{job:d6}";
            foreach (var place in places) Directory.CreateDirectory(Path.Combine(place, id));
            for (var file = 0; file < files; file++) Fill([.. places.Select(place => Path.Combine(place, id, NameOf(file)))], bytes, random);
            File.WriteAllText(Path.Combine(args[1], id, "manifest.json"), ManifestOf(id, files));
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string NameOf(int file) => $"artifact-{file}.m4a";

    private static void Fill(string[] paths, long bytes, Random random)
    {
        var piece = new byte[Math.Min(Piece, bytes)];
        var streams = paths.Select(path => File.Create(path)).ToArray();
        for (var left = bytes; left > 0; left -= piece.Length)
        {
            random.NextBytes(piece);
            foreach (var stream in streams) stream.Write(piece, 0, (int)Math.Min(piece.Length, left));
        }

        foreach (var stream in streams) stream.Dispose();
    }

    private static string ManifestOf(string id, int files)
    {
        var artifacts = Enumerable.Range(0, files).Select(file => $$"""{"kind":"audio","path":"{{NameOf(file)}}"}""");
        return $$"""{"job_id":"{{id}}","processed_at":"2026-01-14T09:31:07Z","artifacts":[{{string.Join(',', artifacts)}}]}""" + "\n";
    }
}
