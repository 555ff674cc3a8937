using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The JSON of a ModelPack configuration, as far as it is shown (CNCF model-spec, config).</summary>
internal sealed record ModelPackDocument
{
    public Provenance? Descriptor { get; init; }

    public Facts? Config { get; init; }

    internal sealed record Provenance
    {
        [JsonPropertyName("createdAt")]
        public DateTimeOffset? CreatedAt { get; init; }
    }

    internal sealed record Facts
    {
        public string? Architecture { get; init; }

        public string? Format { get; init; }

        [JsonPropertyName("paramSize")]
        public string? ParamSize { get; init; }

        public string? Quantization { get; init; }
    }
}
