using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>The settings of a model in the answer of <c>GET /engines/_configure</c>. Go writes these names with capitals.</summary>
public sealed record ModelConfigEntry(
    [property: JsonPropertyName("Backend")] string Backend,
    [property: JsonPropertyName("Model")] string Model,
    [property: JsonPropertyName("ModelID")] string ModelId,
    [property: JsonPropertyName("Mode")] string Mode,
    [property: JsonPropertyName("Config")] ModelSettingsEntry Config);
