namespace ModelRunner.Abstractions.Tokens;

/// <summary>How the hidden states of an input become its vector.</summary>
public enum PoolingKind
{
    /// <summary>Not at all: one vector for each token; as a model's own wish: it has none.</summary>
    None,

    /// <summary>The mean over all tokens.</summary>
    Mean,

    /// <summary>The first token's state (CLS).</summary>
    First,

    /// <summary>The last token's state.</summary>
    Last,

    /// <summary>A classification head's scores: <c>[labels]</c> instead of <c>[EmbeddingLength]</c>.</summary>
    Rank,
}
