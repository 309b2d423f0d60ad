namespace NasSync.Destinations.Pipeline;

/// <summary>A call of a place, or of a copy to it.</summary>
internal enum DestinationCall
{
    /// <summary>What the place can do is looked at.</summary>
    Probe,

    /// <summary>A file is looked at.</summary>
    Stat,

    /// <summary>A folder is listed.</summary>
    List,

    /// <summary>A file is hashed.</summary>
    Hash,

    /// <summary>A copy begins.</summary>
    Begin,

    /// <summary>A block is written.</summary>
    Write,

    /// <summary>A copy gets its final name.</summary>
    Commit,

    /// <summary>A file is taken as a copy.</summary>
    Adopt,

    /// <summary>What a broken-off copy has left is removed.</summary>
    Tidy,

    /// <summary>A file is removed.</summary>
    Delete,
}

/// <summary>What calls are called, in metrics and in messages.</summary>
internal static class DestinationCallNames
{
    /// <summary>The name of a call: one word in lower case.</summary>
    public static string Name(this DestinationCall call) => call switch
    {
        DestinationCall.Probe => "probe",
        DestinationCall.Stat => "stat",
        DestinationCall.List => "list",
        DestinationCall.Hash => "hash",
        DestinationCall.Begin => "begin",
        DestinationCall.Write => "write",
        DestinationCall.Commit => "commit",
        DestinationCall.Adopt => "adopt",
        DestinationCall.Tidy => "tidy",
        DestinationCall.Delete => "delete",
        _ => throw new ArgumentOutOfRangeException(nameof(call), call, null),
    };
}
