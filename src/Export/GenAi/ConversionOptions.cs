namespace ModelRunner.Export.GenAi;

/// <summary>How <see cref="GenAiConverter"/> writes a model.</summary>
public sealed record ConversionOptions
{
    /// <summary>Of the matrices in the layers.</summary>
    public WeightPrecision Precision { get; init; } = WeightPrecision.Fp32;

    /// <summary>
    /// Of the embedding and output matrices. <value>Null takes <see cref="Precision"/>, but 8 bits beside 4-bit layers,
    /// because the output matrix loses most by 4.</value>
    /// </summary>
    public WeightPrecision? EmbeddingPrecision { get; init; }

    /// <summary>
    /// MatMulNBits' <c>accuracy_level</c>: 4 multiplies in 8-bit integers, 1 in fp32, which is 1.7 to 3.9 times slower.
    /// </summary>
    public int AccuracyLevel { get; init; } = 4;

    /// <summary>Tokens; null takes the model's own length. The rotary tables have so many rows.</summary>
    public int? ContextLength { get; init; }

    /// <summary>
    /// Whether the last hidden states are an output, from which embeddings are made. Costs nothing while nobody asks
    /// for it. <value>The default is true.</value>
    /// </summary>
    public bool HasHiddenStates { get; init; } = true;

    internal WeightPrecision Embedding =>
        EmbeddingPrecision ?? (Precision == WeightPrecision.Int4 ? WeightPrecision.Int8 : Precision);
}
