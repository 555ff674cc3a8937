namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>Consecutive tokens of one sequence.</summary>
/// <param name="sequence">The sequence.</param>
/// <param name="position">Its length before.</param>
/// <param name="tokens">At least one.</param>
/// <param name="firstWanted">The first token whose logits are wanted, and from there all; the number of tokens for none.</param>
/// <param name="firstRow">The row of the batch for that token.</param>
internal readonly ref struct Chunk(int sequence, int position, ReadOnlySpan<int> tokens, int firstWanted, int firstRow)
{
    public int Sequence { get; } = sequence;

    public int Position { get; } = position;

    public ReadOnlySpan<int> Tokens { get; } = tokens;

    public int FirstWanted { get; } = firstWanted;

    public int FirstRow { get; } = firstRow;

    public int WantedCount => Tokens.Length - FirstWanted;
}
