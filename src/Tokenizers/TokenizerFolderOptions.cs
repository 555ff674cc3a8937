namespace ModelRunner.Tokenizers;

/// <summary>What a model's own configuration says about its vocabulary; it goes before the tokenizer's files.</summary>
public sealed record TokenizerFolderOptions
{
    /// <summary>
    /// Entries in one row of logits; 0 takes the tokenizer's own size. It may exceed that: the ids between have no
    /// text. Where it is smaller, the tokens beyond do not exist: encoding never gives one.
    /// </summary>
    public int VocabularySize { get; init; }

    /// <summary>The token that a sequence begins with; null leaves it to the tokenizer's files, -1 says none.</summary>
    public int? BeginOfSequence { get; init; }

    /// <summary>The tokens that end a generation, the main one first; empty leaves it to the tokenizer's files.</summary>
    public IReadOnlyList<int> EndOfSequence { get; init; } = [];

    /// <summary>The token that fills up batches, which never shows as text; null for none.</summary>
    public int? Padding { get; init; }
}
