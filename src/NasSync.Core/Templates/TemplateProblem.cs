namespace NasSync.Templates;

/// <summary>Why a text is not a valid template.</summary>
/// <param name="Offset">The position in the text, from 0, in UTF-16 code units.</param>
/// <param name="Message">The mistake and its cure.</param>
public sealed record TemplateProblem(int Offset, string Message);
