namespace ModelRunner.Abstractions.Engines;

/// <summary>Storage type of keys and values.</summary>
public enum KvCacheType
{
    /// <summary>The engine's choice: F16 on llama.cpp, what the graph declares on ONNX.</summary>
    Auto,

    /// <summary>32-bit floats.</summary>
    F32,

    /// <summary>16-bit floats.</summary>
    F16,

    /// <summary>8-bit integers in blocks (ggml's Q8_0).</summary>
    Q8,
}
