using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// The constraint of one sequence, as the loop asks it: whatever goes wrong in it is an error of its own request, which
/// must not end the loop and every other request with it. Belongs to the loop thread.
/// </summary>
internal sealed class SequenceConstraint(ITokenConstraint inner)
{
    /// <inheritdoc cref="ITokenConstraint.ForcedTokens"/>
    /// <exception cref="GenerationException">The constraint failed.</exception>
    public ReadOnlySpan<int> ForcedTokens
    {
        get
        {
            try
            {
                return inner.ForcedTokens;
            }
            catch (Exception exception) when (exception is not GenerationException)
            {
                throw Failed(exception);
            }
        }
    }

    /// <inheritdoc cref="ITokenConstraint.FillMask"/>
    /// <exception cref="GenerationException">The constraint failed.</exception>
    public void FillMask(Span<ulong> mask)
    {
        try
        {
            inner.FillMask(mask);
        }
        catch (Exception exception) when (exception is not GenerationException)
        {
            throw Failed(exception);
        }
    }

    /// <summary>Moves on by a token that the mask allowed, or that was forced.</summary>
    /// <exception cref="GenerationException">The constraint failed, or refuses the token: nothing could follow it.</exception>
    public void Accept(int token)
    {
        bool isAccepted;
        try
        {
            isAccepted = inner.Accept(token);
        }
        catch (Exception exception) when (exception is not GenerationException)
        {
            throw Failed(exception);
        }

        // Masks look ahead by a token, not to the end: what they allow may turn out to lead nowhere.
        if (!isAccepted)
            throw new GenerationException(
                GenerationException.DecodeFailed,
                "The output came to a point from which its grammar or schema cannot be met any more.");
    }

    private static GenerationException Failed(Exception cause) =>
        new(GenerationException.DecodeFailed, "The grammar or schema of the output could not be followed.", cause);
}
