namespace NasSync;

/// <summary>One effective setting of the configuration, as <c>Get-SyncConfig</c> outputs it.</summary>
public sealed record SyncSetting
{
    /// <summary>Its path, such as <c>outputsDir</c>, <c>retry.maxAttempts</c> or <c>routes[1].to</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The value as written in the file, with commas between list items; null when not set. A secret appears only as a reference.</summary>
    public string? Value { get; init; }

    /// <summary>The origin: a file with its line, a variable, or <c>default</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Name and value.</summary>
    public override string ToString() => $"{Name}: {Value}";
}
