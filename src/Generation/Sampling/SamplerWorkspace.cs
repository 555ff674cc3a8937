namespace ModelRunner.Generation.Sampling;

/// <summary>
/// Scratch memory of one loop thread, shared by all samplers of a model: about 16 bytes a vocabulary entry.
/// </summary>
public sealed class SamplerWorkspace(int vocabularySize)
{
    /// <summary>Number of token ids whose logits fit.</summary>
    public int VocabularySize { get; } = vocabularySize;

    /// <summary>Edited or compacted logits of the candidates.</summary>
    internal float[] Logits { get; } = new float[vocabularySize];

    /// <summary>exp of the logits relative to the best one.</summary>
    internal float[] Weights { get; } = new float[vocabularySize];

    /// <summary>What typical sampling ranks by, and the group maxima of top-k.</summary>
    internal float[] Scores { get; } = new float[vocabularySize];

    /// <summary>Token ids of compacted candidates, ascending.</summary>
    internal int[] Ids { get; } = new int[vocabularySize];

    /// <summary>Rank keys of the few candidates around a cut.</summary>
    internal ulong[] RankKeys { get; } = new ulong[CandidateCut.BracketLimit];
}
