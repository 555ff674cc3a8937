namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>What the reader of an ONNX file found, all of it checked. Immutable.</summary>
internal sealed record OnnxGraph
{
    /// <summary>The inputs that a caller gives, without those that the file itself has values for.</summary>
    public required IReadOnlyList<GraphValue> Inputs { get; init; }

    /// <summary>The outputs.</summary>
    public required IReadOnlyList<GraphValue> Outputs { get; init; }

    /// <summary>The operators in use, those in subgraphs and functions included.</summary>
    public required IReadOnlySet<string> Operators { get; init; }

    /// <summary>Rows of the table of rotary angles: positions at most; 0 where there is none.</summary>
    public required long RotaryLength { get; init; }

    /// <summary>
    /// Tokens of the longest window where attention may keep the window alone (<c>sliding_window_cache</c>): it takes no
    /// shorter KV cache. 0 where there is none.
    /// </summary>
    public required int WindowLength { get; init; }

    /// <summary>All weights; several in a byte where they are quantised so. Bytes that two tensors share count once, here and below.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Bytes of all weights, inside the file and beside it.</summary>
    public required long WeightsSizeInBytes { get; init; }

    /// <summary>Bits of a weight where most of the bytes are; 0 without weights.</summary>
    public required int WeightBits { get; init; }

    /// <summary>Full paths of the files with external data.</summary>
    public required IReadOnlyList<string> DataFiles { get; init; }
}
