using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>One thing that a deletion did. Go writes these names with capitals.</summary>
public sealed record DeleteAction
{
    [JsonPropertyName("Untagged")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Untagged { get; init; }

    [JsonPropertyName("Deleted")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Deleted { get; init; }
}
