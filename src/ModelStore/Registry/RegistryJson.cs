using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Registry;

/// <summary>Serialization of what registries and Docker's files say.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DockerConfig))]
[JsonSerializable(typeof(DockerSecret))]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class RegistryJson : JsonSerializerContext;
