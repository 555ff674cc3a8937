using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>Serialization of Docker Model Runner's management records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(DiskUsage))]
[JsonSerializable(typeof(UnloadResult))]
[JsonSerializable(typeof(ResidentEntry[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
public sealed partial class DmrJson : JsonSerializerContext;
