using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Registry;

/// <summary>The answer of a token service (Docker's token authentication specification).</summary>
internal sealed record TokenAnswer(
    string? Token,
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in")] int? ExpiresIn);
