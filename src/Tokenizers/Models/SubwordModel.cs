using ModelRunner.Tokenizers.PreTokenizers;

namespace ModelRunner.Tokenizers.Models;

/// <summary>Turns a piece of text into tokens. Immutable, thread-safe.</summary>
internal abstract class SubwordModel
{
    /// <summary>Appends the tokens of a piece, which is not empty.</summary>
    public abstract void Encode(ReadOnlySpan<char> piece, List<int> tokens);

    /// <summary>
    /// Splits pieces further where that changes no token, so that what repeats is seen to repeat; null where there is
    /// no such place.
    /// </summary>
    public virtual PreTokenizer? Refinement => null;
}
