namespace NasSync;

/// <summary>One setting of the configuration as it holds, as <c>Get-SyncConfig</c> writes it.</summary>
public sealed record SyncSetting
{
    /// <summary>Its path, such as <c>outputsDir</c>, <c>retry.maxAttempts</c> or <c>routes[1].to</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Its value as the file would say it, lists with commas between; null when it is not set. A secret is a reference, never itself.
    /// </summary>
    public string? Value { get; init; }

    /// <summary>Where it comes from: a file with its line, a variable, or <c>default</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Name and value.</summary>
    public override string ToString() => $"{Name}: {Value}";
}
