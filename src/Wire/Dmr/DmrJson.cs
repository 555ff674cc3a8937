using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>Serialization of Docker Model Runner's management records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(DiskUsage))]
[JsonSerializable(typeof(UnloadResult))]
[JsonSerializable(typeof(ResidentEntry[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
[JsonSerializable(typeof(StoredModelInfo))]
[JsonSerializable(typeof(StoredModelInfo[]))]
[JsonSerializable(typeof(ProgressMessage))]
[JsonSerializable(typeof(DeleteAction[]))]
[JsonSerializable(typeof(ActionResult))]
[JsonSerializable(typeof(CollectResult))]
[JsonSerializable(typeof(ModelConfigEntry[]))]
[JsonSerializable(typeof(RecordedModel[]))]
public sealed partial class DmrJson : JsonSerializerContext;
