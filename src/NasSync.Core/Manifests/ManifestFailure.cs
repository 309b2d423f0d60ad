namespace NasSync.Manifests;

/// <summary>The failures of a manifest, each with its position in the file and its cure.</summary>
internal static class ManifestFailure
{
    public const string AskProducer = "Correct the manifest, or let the producer write it again.";

    public static FailureException Invalid(string path, TextPosition at, string what, string hint = AskProducer) =>
        New(FailureClass.Invalid, "InvalidManifest", path, at, what, hint);

    public static FailureException TooLarge(string path, TextPosition at, string what) =>
        New(FailureClass.Invalid, "ManifestTooLarge", path, at, what, "Split the job into several, or look why the producer wrote so much.");

    public static FailureException Version(string path, TextPosition at, string what) =>
        New(FailureClass.Invalid, "UnsupportedVersion", path, at, what, "This version of NasSync reads manifests of version 1; update NasSync.");

    public static FailureException Escape(string path, TextPosition at, string what) =>
        New(FailureClass.Escape, "EscapesJob", path, at, what, "Paths must stay inside the job folder; find out who wrote this manifest.");

    public static FailureException Incomplete(string path, TextPosition at, string what) =>
        New(FailureClass.Transient, "ManifestIncomplete", path, at, what,
            "The producer may still be writing it; if the file stays as it is, let the producer write it again.");

    public static FailureException Unreadable(string path, FailureClass kind, Exception inner) =>
        new(new Failure(kind, "ManifestUnreadable", $"{Show(path)}: The manifest cannot be read: {inner.Message.TrimEnd('.')}.",
            kind == FailureClass.Permission ? "Let the user that runs NasSync read the file." : "Check the medium the file lies on."), inner);

    public static FailureException Gone(string path, Exception? inner) =>
        new(new Failure(FailureClass.Gone, "ManifestGone", $"{Show(path)}: The manifest does not exist.",
            "Check the path; a job that was removed since it was seen needs nothing."), inner);

    public static FailureException NoFile(string path) =>
        new(new Failure(FailureClass.Invalid, "InvalidManifest", $"{Show(path)}: The manifest is a folder, not a file.",
            "Give the manifest.json inside the folder."));

    private static FailureException New(FailureClass kind, string code, string path, TextPosition at, string what, string hint) =>
        new(new Failure(kind, code, $"{Show(path)}:{at}: {what}.", hint));

    // A file name may contain a newline or an escape sequence, which must not reach a terminal or split a log line.
    public static string Show(string path) => path.Any(char.IsControl) ? Failure.Quote(path) : path;
}
