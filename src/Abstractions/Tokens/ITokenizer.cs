namespace ModelRunner.Abstractions.Tokens;

/// <summary>A model's vocabulary. Thread-safe; lives as long as its model.</summary>
public interface ITokenizer
{
    /// <summary>Number of token ids: valid ids are [0, VocabularySize).</summary>
    int VocabularySize { get; }

    /// <summary>The token that a sequence begins with, or -1.</summary>
    int BeginOfSequence { get; }

    /// <summary>The token that ends a text, or -1. Others may end a generation too.</summary>
    int EndOfSequence { get; }

    /// <summary>
    /// Tokens of the joined text. Equals encoding the text in one piece, except that the text of control tokens
    /// (Hugging Face <c>special: true</c>) inside an input segment stays plain text; user-defined added tokens match
    /// everywhere, as in the references.
    /// </summary>
    /// <param name="segments">The pieces, in order; empty ones are allowed.</param>
    /// <param name="addSpecial">
    /// Whether the model's own begin (and end) tokens are added, where its metadata asks for them and the text does
    /// not already begin with them.
    /// </param>
    int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial);

    /// <summary>
    /// The raw UTF-8 piece of a token: possibly part of a character, empty for control tokens and for ids out of
    /// range. The memory is never written and lives as long as the tokenizer.
    /// </summary>
    ReadOnlyMemory<byte> GetBytes(int token);

    /// <summary>The token's name in the vocabulary, also for control tokens; empty for ids out of range.</summary>
    string GetText(int token);

    /// <summary>Whether the token ends a generation.</summary>
    bool IsEndOfGeneration(int token);

    /// <summary>Whether the token is a control token, which never shows as text.</summary>
    bool IsControl(int token);
}
