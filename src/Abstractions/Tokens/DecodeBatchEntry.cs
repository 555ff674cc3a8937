namespace ModelRunner.Abstractions.Tokens;

/// <summary>The tokens of one sequence in a <see cref="DecodeBatch"/>.</summary>
/// <param name="Sequence">The sequence id.</param>
/// <param name="Position">Position of the first token: the sequence's length before the step.</param>
/// <param name="Start">Index of the first token in the batch.</param>
/// <param name="Count">Number of tokens, at least 1.</param>
/// <param name="Rows">The wanted logits.</param>
/// <param name="FirstRow">The first of the consecutive output rows, or -1.</param>
public readonly record struct DecodeBatchEntry(
    int Sequence,
    int Position,
    int Start,
    int Count,
    LogitRows Rows,
    int FirstRow);
