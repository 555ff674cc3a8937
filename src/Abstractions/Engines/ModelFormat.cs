namespace ModelRunner.Abstractions.Engines;

/// <summary>A file format of model weights. One bundle may hold several.</summary>
[Flags]
public enum ModelFormat
{
    /// <summary>No local weights: the model of a forwarding engine.</summary>
    None = 0,

    /// <summary>One GGUF file, or the first of its shards.</summary>
    Gguf = 1,

    /// <summary>An ONNX Runtime GenAI folder with a <c>genai_config.json</c>.</summary>
    OnnxGenAi = 2,
}
