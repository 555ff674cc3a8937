namespace ModelRunner.Abstractions.Tokens;

/// <summary>The grammar state of one sequence. Belongs to one thread at a time.</summary>
public interface ITokenConstraint
{
    /// <summary>
    /// Sets bit t of <paramref name="mask"/> for every token t that may come next, and clears the others.
    /// </summary>
    /// <param name="mask"><c>[(VocabularySize + 63) / 64]</c>.</param>
    void FillMask(Span<ulong> mask);

    /// <summary>Moves on by a token. False, with nothing changed, when the token may not come next.</summary>
    bool Accept(int token);

    /// <summary>
    /// The tokens that must come next whatever is sampled; empty when there is a choice. Valid until the state
    /// changes. They still have to be accepted, one by one.
    /// </summary>
    ReadOnlySpan<int> ForcedTokens { get; }

    /// <summary>Takes back the last <paramref name="count"/> accepted tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer were accepted.</exception>
    void Rollback(int count);

    /// <summary>An independent copy of the state.</summary>
    ITokenConstraint Clone();

    /// <summary>Whether the output may end here.</summary>
    bool CanEnd { get; }
}
