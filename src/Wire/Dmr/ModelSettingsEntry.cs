using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>The settings that hold for a model: Docker's two, and all of ours by their names.</summary>
public sealed record ModelSettingsEntry(
    [property: JsonPropertyName("context-size")] int ContextSize,
    [property: JsonPropertyName("keep_alive")] string KeepAlive,
    [property: JsonPropertyName("settings")] IReadOnlyDictionary<string, string> Settings);
