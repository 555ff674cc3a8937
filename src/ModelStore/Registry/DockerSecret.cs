using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Registry;

/// <summary>The answer of a credential program.</summary>
internal sealed record DockerSecret(
    [property: JsonPropertyName("Username")] string? Username,
    [property: JsonPropertyName("Secret")] string? Secret);
