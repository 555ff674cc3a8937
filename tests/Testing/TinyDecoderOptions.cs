namespace ModelRunner.Testing;

/// <summary>The kind of graph that <see cref="TinyDecoder"/> writes.</summary>
public sealed record TinyDecoderOptions
{
    /// <summary>
    /// Type of the KV cache: <c>fp32</c>, <c>fp16</c> or <c>int8</c>; with GroupQueryAttention also <c>int4</c>, and
    /// <c>bf16</c> and <c>fp8</c>, which need an accelerator.
    /// </summary>
    public string KvType { get; init; } = "fp32";

    /// <summary>Type that GroupQueryAttention computes in: <c>fp32</c>, <c>fp16</c> or <c>bf16</c>.</summary>
    public string ComputeType { get; init; } = "fp32";

    /// <summary>How keys and values are quantised for GroupQueryAttention: <c>PER_TENSOR</c> or <c>PER_CHANNEL</c>.</summary>
    public string KeyScales { get; init; } = "PER_TENSOR";

    /// <summary>As <see cref="KeyScales"/>, for values.</summary>
    public string ValueScales { get; init; } = "PER_TENSOR";

    /// <summary>Whether GroupQueryAttention is told that its cache holds the window alone.</summary>
    public bool HasWindowCache { get; init; }

    /// <summary>Tokens that one sees, itself included; 0 for all before it.</summary>
    public int Window { get; init; }

    /// <summary>Whether attention is GroupQueryAttention, with past and present in one memory, or plain operators that give back a longer past.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether the number of wanted logits is an input, as newer exports of Optimum have it.</summary>
    public bool KeepsLogits { get; init; }

    /// <summary>Whether the hidden states are an output.</summary>
    public bool HasStates { get; init; }

    /// <summary>Whether what a growing past gives back is what is new alone: a graph that cannot be continued.</summary>
    public bool ForgetsPast { get; init; }

    /// <summary>Whether the positions are an input.</summary>
    public bool HasPositions { get; init; } = true;
}
