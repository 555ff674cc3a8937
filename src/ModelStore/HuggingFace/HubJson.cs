using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>Serialization of the Hub's answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubRevision))]
[JsonSerializable(typeof(HubFile[]))]
internal sealed partial class HubJson : JsonSerializerContext;
