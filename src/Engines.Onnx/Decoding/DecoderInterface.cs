using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>The inputs and outputs of a decoder's graph that this engine feeds and reads. Immutable.</summary>
internal sealed record DecoderInterface
{
    /// <summary>Token ids, int64 or int32 <c>[batch, tokens]</c>.</summary>
    public required GraphValue InputIds { get; init; }

    /// <summary>Which tokens of past and input count, <c>[batch, past + tokens]</c>; null where the graph has no such input.</summary>
    public GraphValue? AttentionMask { get; init; }

    /// <summary>Positions, <c>[batch, tokens]</c>; null where the graph counts them itself.</summary>
    public GraphValue? PositionIds { get; init; }

    /// <summary>The positions whose logits are wanted; null where the graph gives all of them.</summary>
    public GraphValue? LogitsIndices { get; init; }

    /// <summary>How many of the last tokens' logits are wanted; null where the graph has no such input.</summary>
    public GraphValue? LogitsCount { get; init; }

    /// <summary>Whether the graph computes wanted logits alone.</summary>
    public bool IsPruned => LogitsIndices is not null || LogitsCount is not null;

    /// <summary>Logits, <c>[batch, tokens or wanted ones, vocabulary]</c>.</summary>
    public required GraphValue Logits { get; init; }

    /// <summary>Hidden states, <c>[batch, tokens, width]</c>; null where the graph keeps them.</summary>
    public GraphValue? HiddenStates { get; init; }

    /// <summary>The KV cache, layer after layer.</summary>
    public required IReadOnlyList<KvTensor> Kv { get; init; }

    /// <summary>Tokens that the KV cache of a sequence must have room for, however short it is; 0 for any.</summary>
    public int LeastCapacity { get; init; }

    /// <summary>Entries in a row of logits.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Bytes of one token over all layers.</summary>
    public long KvSizeInBytesPerToken => Kv.Sum(tensor => (long)tensor.StripCount * tensor.TokenSizeInBytes);
}
