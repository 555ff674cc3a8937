using System.Text.Json.Serialization;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>Serialization of the store's files: names as Go writes them, indented by two, without empty fields.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ModelsDocument))]
[JsonSerializable(typeof(LayoutDocument))]
[JsonSerializable(typeof(ConfigDocument))]
[JsonSerializable(typeof(ModelConfig))]
[JsonSerializable(typeof(ModelPackDocument))]
internal sealed partial class StoreJson : JsonSerializerContext;
