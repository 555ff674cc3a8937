namespace ModelRunner.Export;

/// <summary>The tokenizer of a generated model.</summary>
public enum VocabularyKind
{
    /// <summary>Byte-level BPE, as GPT-2's: pieces joined by merges.</summary>
    ByteLevel,

    /// <summary>SentencePiece, as Llama 2's: pieces with scores, and byte tokens.</summary>
    SentencePiece,
}
