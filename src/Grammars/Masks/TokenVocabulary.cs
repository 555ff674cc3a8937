using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Grammars.Masks;

/// <summary>A model's vocabulary as grammars need it, made once for a model. Thread-safe.</summary>
public sealed class TokenVocabulary
{
    /// <summary>Builds the tree of tokens: a fraction of a second for 200,000.</summary>
    /// <param name="tokenizer">The vocabulary; lives as long as this.</param>
    /// <param name="cacheSizeInBytes">Memory for masks that all grammars share.</param>
    public TokenVocabulary(ITokenizer tokenizer, long cacheSizeInBytes = 64 << 20)
    {
        Tokenizer = tokenizer;
        Trie = new TokenTrie(tokenizer);
        Cache = new MaskCache(cacheSizeInBytes);
        MaskLength = (tokenizer.VocabularySize + 63) / 64;
        EndTokens = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsEndOfGeneration)];
    }

    /// <summary>Words of a mask.</summary>
    public int MaskLength { get; }

    internal ITokenizer Tokenizer { get; }

    internal TokenTrie Trie { get; }

    internal MaskCache Cache { get; }

    internal int[] EndTokens { get; }
}
