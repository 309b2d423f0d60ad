namespace NasSync.Ledgers;

/// <summary>Receives the rows of a result one by one.</summary>
internal interface IRows
{
    /// <summary>Called when a result begins, and again when the query is repeated.</summary>
    void Clear();

    /// <summary>Receives a row, which is valid only until this returns.</summary>
    void Add(SqlRow row);
}
