using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Decoding;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Embedding;

/// <summary>The inputs of a graph that gives hidden states, and the output that is read. Immutable.</summary>
internal sealed record EncoderInterface
{
    private static readonly string[] InputNames = ["input_ids", "attention_mask", "token_type_ids", "position_ids"];

    // Hidden states first: they can be pooled as the folder says.
    private static readonly string[] OutputNames = ["last_hidden_state", "token_embeddings", "hidden_states", "sentence_embedding", "text_embeds"];

    /// <summary>Token ids, <c>[batch, tokens]</c>.</summary>
    public required GraphValue InputIds { get; init; }

    /// <summary>Which tokens count; null where the graph has no such input.</summary>
    public GraphValue? AttentionMask { get; init; }

    /// <summary>Which text of a pair a token is of: always the first; null where the graph has no such input.</summary>
    public GraphValue? TokenTypes { get; init; }

    /// <summary>Positions; null where the graph counts them itself.</summary>
    public GraphValue? PositionIds { get; init; }

    /// <summary>The positions whose logits are wanted, of a decoder that was edited: one, which nobody reads.</summary>
    public GraphValue? LogitsIndices { get; init; }

    /// <summary>How many logits are wanted, of a decoder that takes that: one as well.</summary>
    public GraphValue? LogitsCount { get; init; }

    /// <summary>The KV cache of a decoder, which is given empty. Empty for an encoder.</summary>
    public IReadOnlyList<KvTensor> Kv { get; init; } = [];

    /// <summary>Tokens that the KV cache must have room for even when it is empty; 0 for none.</summary>
    public int LeastCapacity { get; init; }

    /// <summary>Floats <c>[batch, tokens, width]</c>, or <c>[batch, width]</c> where the graph pools.</summary>
    public required GraphValue Output { get; init; }

    /// <summary>Whether the graph pools by itself.</summary>
    public bool IsPooled => Output.Shape.Count == 2;

    /// <summary>Whether inputs of different lengths may share a launch: an encoder leaves out what the mask leaves out.</summary>
    public bool CanBatch => Kv.Count == 0 && AttentionMask is not null;

    /// <summary>Width of a vector; 0 where the graph does not say.</summary>
    public int Width => (int)Math.Max(Output.Shape[^1], 0);

    /// <summary>Of a decoder that gives its hidden states; null for one that keeps them.</summary>
    public static EncoderInterface? Of(DecoderInterface decoder) => decoder.HiddenStates is not { Type: ElementType.Float32 } states ? null : new()
    {
        InputIds = decoder.InputIds,
        AttentionMask = decoder.AttentionMask,
        PositionIds = decoder.PositionIds,
        LogitsIndices = decoder.LogitsIndices,
        LogitsCount = decoder.LogitsCount,
        Kv = decoder.Kv,
        LeastCapacity = decoder.LeastCapacity,
        Output = states,
    };

    /// <summary>Of an encoder.</summary>
    /// <exception cref="ModelLoadException">The graph is none; says why.</exception>
    public static EncoderInterface Read(IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs)
    {
        foreach (var input in inputs)
            if (!InputNames.Contains(input.Name) || input.Shape.Count != 2 || input.Type is not (ElementType.Int64 or ElementType.Int32))
                throw new ModelLoadException($"the graph has the input '{input.Name}' ({input.Description}), which an encoder of texts has not");

        var output = OutputNames.Select(name => Find(outputs, name)).FirstOrDefault(candidate => candidate is not null)
            ?? throw new ModelLoadException($"the graph gives no hidden states: it has none of the outputs {string.Join(", ", OutputNames)}");
        if (output.Type != ElementType.Float32 || output.Shape.Count is not (2 or 3))
            throw new ModelLoadException($"'{output.Name}' is {output.Description} instead of 32-bit floats");

        return new EncoderInterface
        {
            InputIds = Find(inputs, InputNames[0]) ?? throw new ModelLoadException($"the graph has no input '{InputNames[0]}'"),
            AttentionMask = Find(inputs, InputNames[1]),
            TokenTypes = Find(inputs, InputNames[2]),
            PositionIds = Find(inputs, InputNames[3]),
            Output = output,
        };
    }

    private static GraphValue? Find(IReadOnlyList<GraphValue> values, string name) => values.FirstOrDefault(value => value.Name == name);
}
