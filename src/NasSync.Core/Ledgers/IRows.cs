namespace NasSync.Ledgers;

/// <summary>What takes the rows of an answer one by one.</summary>
internal interface IRows
{
    /// <summary>The answer begins, or begins again.</summary>
    void Clear();

    /// <summary>Takes a row; it is good until this returns.</summary>
    void Add(SqlRow row);
}
