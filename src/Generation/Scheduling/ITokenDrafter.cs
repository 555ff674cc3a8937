namespace ModelRunner.Generation.Scheduling;

/// <summary>Guesses the next tokens, which one step then verifies together.</summary>
public interface ITokenDrafter
{
    /// <summary>Writes guesses for what follows <paramref name="tokens"/>.</summary>
    /// <param name="tokens">Prompt and output so far.</param>
    /// <param name="drafts">Receives the guesses, best effort.</param>
    /// <returns>How many were written; 0 when there is no guess.</returns>
    int Draft(ReadOnlySpan<int> tokens, Span<int> drafts);
}
