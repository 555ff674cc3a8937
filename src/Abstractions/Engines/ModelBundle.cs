namespace ModelRunner.Abstractions.Engines;

/// <summary>
/// A model on this machine: one folder with a GGUF file, a GenAI folder, or both under one name.
/// </summary>
public sealed record ModelBundle
{
    /// <summary>The name under which the catalog lists it.</summary>
    public required string Name { get; init; }

    /// <summary>The formats that are present.</summary>
    public required ModelFormat Formats { get; init; }

    /// <summary>Full path of the GGUF file, the first one of a sharded model; null without one.</summary>
    public string? GgufPath { get; init; }

    /// <summary>
    /// The name of the weights' format where it is none of <see cref="ModelFormat"/>, such as <c>safetensors</c>: the model is
    /// listed, and no engine here serves it. Null otherwise.
    /// </summary>
    public string? OtherFormat { get; init; }

    /// <summary>
    /// Full path of the folder that holds <c>genai_config.json</c>, or <c>config.json</c> and an encoder's
    /// <c>model.onnx</c>; null without one.
    /// </summary>
    public string? OnnxFolder { get; init; }

    /// <summary>Text of a chat template that stands beside the model and overrides its own; null without one.</summary>
    public string? ChatTemplateOverride { get; init; }

    /// <summary>Text of a <c>response_template.json</c> beside the model, which overrides its own; null without one.</summary>
    public string? ResponseTemplateOverride { get; init; }

    /// <summary>Bytes of all files on disk.</summary>
    public long SizeInBytes { get; init; }

    /// <summary>When the model was made or last written, for the <c>created</c> field of OpenAI's model object.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the catalog could read without loading the weights; null when it did not look.</summary>
    public ModelSummary? Summary { get; init; }
}
