using System.Text.Json;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>Reads the configuration of either family.</summary>
internal static class ArtifactConfig
{
    public const int MaxSizeInBytes = 16 << 20;

    /// <summary>What the blob says, and when the model was made; nothing where it is no JSON of its type.</summary>
    public static (ModelConfig Config, DateTimeOffset? CreatedAt) Read(string mediaType, ReadOnlySpan<byte> json)
    {
        try
        {
            if (mediaType != MediaTypes.ModelPackConfig)
            {
                var docker = JsonSerializer.Deserialize(json, StoreJson.Default.ConfigDocument);
                return (docker?.Config ?? new ModelConfig(), docker?.Descriptor?.Created);
            }

            var pack = JsonSerializer.Deserialize(json, StoreJson.Default.ModelPackDocument);
            var config = new ModelConfig
            {
                Format = pack?.Config?.Format?.ToLowerInvariant(),
                Architecture = pack?.Config?.Architecture,
                Parameters = pack?.Config?.ParamSize,
                Quantization = pack?.Config?.Quantization,
            };
            return (config, pack?.Descriptor?.CreatedAt);
        }
        catch (JsonException)
        {
            return (new ModelConfig(), null);
        }
    }
}
