namespace NasSync.Destinations.Pipeline;

/// <summary>A call to a place, or to a copy in progress.</summary>
internal enum DestinationCall
{
    /// <summary>Finds out what the place supports.</summary>
    Probe,

    /// <summary>Reads the state of a file.</summary>
    Stat,

    /// <summary>Lists a folder.</summary>
    List,

    /// <summary>Hashes a file.</summary>
    Hash,

    /// <summary>Begins a copy.</summary>
    Begin,

    /// <summary>Writes a block.</summary>
    Write,

    /// <summary>Verifies a copy and gives it its final name.</summary>
    Commit,

    /// <summary>Adopts an existing file as a copy.</summary>
    Adopt,

    /// <summary>Removes what an interrupted copy left.</summary>
    Tidy,

    /// <summary>Removes a file.</summary>
    Delete,
}

/// <summary>The names of calls in metrics and messages.</summary>
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
