namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The JSON of Docker's model configuration (v0.1 and v0.2).</summary>
internal sealed record ConfigDocument
{
    public ModelConfig? Config { get; init; }

    public ConfigProvenance? Descriptor { get; init; }

    public ConfigFiles? Rootfs { get; init; }
}
