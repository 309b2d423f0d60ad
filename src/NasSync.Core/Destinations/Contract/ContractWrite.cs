namespace NasSync.Destinations.Contract;

/// <summary>A write session together with the content that it sends.</summary>
internal sealed class ContractWrite(IWriteSession session, WriteRequest request, byte[] content, Action committed) : IAsyncDisposable
{
    /// <inheritdoc cref="IWriteSession.ResumeAt"/>
    public long ResumeAt => session.ResumeAt;

    /// <summary>Sends the content from <see cref="ResumeAt"/> to the end.</summary>
    public Task SendRestAsync(CancellationToken cancellationToken, int block = ContractPlace.Block) =>
        SendAsync(session.ResumeAt, content.Length, cancellationToken, block);

    /// <summary>Sends a range in blocks. Overwrites the buffer after each block, because a real caller reuses it too.</summary>
    public async Task SendAsync(long from, long to, CancellationToken cancellationToken, int block = ContractPlace.Block)
    {
        Expect.That(session.ResumeAt >= 0 && session.ResumeAt <= request.Size, $"ResumeAt is {session.ResumeAt} for a file of {request.Size} bytes");
        var buffer = new byte[block];
        for (var offset = from; offset < to;)
        {
            var length = (int)Math.Min(block, to - offset);
            content.AsSpan((int)offset, length).CopyTo(buffer);
            await session.WriteAsync(offset, buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            Array.Fill(buffer, (byte)0xEE);
            offset += length;
        }
    }

    /// <summary>Commits with the content's own hash, or with the given one.</summary>
    public async Task<CommitReceipt> CommitAsync(CancellationToken cancellationToken, string? sha256 = null)
    {
        var receipt = await session.CommitAsync(sha256 ?? ContractContent.Sha256(content), cancellationToken).ConfigureAwait(false);
        committed();
        return receipt;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => session.DisposeAsync();
}
