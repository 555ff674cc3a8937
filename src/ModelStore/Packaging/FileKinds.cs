using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Packaging;

/// <summary>What the files of a model are, by their names. Pure.</summary>
internal static class FileKinds
{
    public const string Gguf = "gguf";
    public const string Onnx = "onnx";
    public const string Safetensors = "safetensors";
    public const string GenAiConfig = "genai_config.json";

    /// <summary>The format of a model with these files; null where there is no model.</summary>
    public static string? GetFormat(IEnumerable<string> names)
    {
        var list = names.ToList();
        return list.Exists(IsWeights) ? Gguf
            : list.Exists(name => name.Split('/')[^1] == GenAiConfig) ? Onnx
            : list.Exists(name => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)) ? Safetensors
            : null;
    }

    public static string GetMediaType(string name)
    {
        var file = name.Split('/')[^1];
        return file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? (IsProjector(file) ? MediaTypes.Projector : MediaTypes.Gguf)
            : file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? MediaTypes.Safetensors
            : file.EndsWith(".jinja", StringComparison.OrdinalIgnoreCase) ? MediaTypes.ChatTemplate
            : file.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase) ? MediaTypes.License
            : MediaTypes.ModelFile;
    }

    /// <summary>Whether the file is a GGUF model, or the first shard of one.</summary>
    public static bool IsWeights(string name) =>
        name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !IsProjector(name) && GgufShards.IsFirst(name);

    /// <summary>Whether the file is the image encoder that goes with a model.</summary>
    public static bool IsProjector(string name) => name.Split('/')[^1].Contains("mmproj", StringComparison.OrdinalIgnoreCase);
}
