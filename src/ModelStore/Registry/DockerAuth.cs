using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Registry;

/// <summary>An entry of <c>auths</c> in Docker's <c>config.json</c>.</summary>
internal sealed record DockerAuth(string? Auth, [property: JsonPropertyName("identitytoken")] string? IdentityToken);
