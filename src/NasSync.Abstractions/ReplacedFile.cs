namespace NasSync;

/// <summary>What is known of a file that a copy takes the place of.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Its SHA-256, lower-case hex; null when the ledger does not know it.</param>
/// <param name="JobId">The job whose copy it is according to the ledger; null when it is of another origin, or someone changed it.</param>
/// <param name="Artifact">The artifact that it is a copy of; null with <paramref name="JobId"/>.</param>
public sealed record ReplacedFile(long Size, string? Sha256 = null, string? JobId = null, string? Artifact = null);
