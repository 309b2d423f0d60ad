namespace NasSync.Templates;

/// <summary>Why a text is no template.</summary>
/// <param name="Offset">Where in the text, from 0, in UTF-16 units.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
public sealed record TemplateProblem(int Offset, string Message);
