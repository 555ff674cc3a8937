using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The files of a model, as OCI's image configuration lists layers.</summary>
internal sealed record ConfigFiles
{
    public string Type { get; init; } = "rootfs";

    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<string> DiffIds { get; init; } = [];
}
