using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>Serialization of manifests, which are named in OCI's way.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(IndexDocument))]
internal sealed partial class OciJson : JsonSerializerContext;
