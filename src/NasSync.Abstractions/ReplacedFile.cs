namespace NasSync;

/// <summary>What is known about a file that a copy replaces.</summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Sha256">Its SHA-256, lower-case hex; null when the ledger does not know it.</param>
/// <param name="JobId">The job whose recorded copy it is; null when no row records it as a copy, or when someone changed it.</param>
/// <param name="Artifact">The artifact that it is a copy of; null together with <paramref name="JobId"/>.</param>
public sealed record ReplacedFile(long Size, string? Sha256 = null, string? JobId = null, string? Artifact = null);
