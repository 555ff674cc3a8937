using ModelRunner.Export;
using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;

namespace ModelRunner.Bench;

/// <summary>The models that are measured: random weights in real shapes, made on first use, so that nothing is downloaded.</summary>
internal static class BenchModels
{
    private static readonly Dictionary<string, RandomModelOptions> All = new()
    {
        ["135m-q4_0"] = Options(ModelShape.SmolLm2_135M, GgufTensorType.Q4_0),
        ["360m-q4_0"] = Options(ModelShape.SmolLm2_360M, GgufTensorType.Q4_0),
        ["360m-q8_0"] = Options(ModelShape.SmolLm2_360M, GgufTensorType.Q8_0),
        ["0.5b-q4_0"] = Options(ModelShape.Qwen25HalfB, GgufTensorType.Q4_0) with { Architecture = "qwen2", PreTokenizer = "qwen2" },
        ["1b-q4_0"] = Options(ModelShape.Llama1B, GgufTensorType.Q4_0),
        ["1b-q8_0"] = Options(ModelShape.Llama1B, GgufTensorType.Q8_0),
        ["tiny"] = new RandomModelOptions(),
    };

    // Folders with what a GGUF is converted to.
    private static readonly Dictionary<string, (string Gguf, WeightPrecision Precision)> Converted = new()
    {
        ["135m-onnx-int4"] = ("135m-q4_0", WeightPrecision.Int4),
        ["0.5b-onnx-int4"] = ("0.5b-q4_0", WeightPrecision.Int4),
        ["360m-onnx-int4"] = ("360m-q4_0", WeightPrecision.Int4),
        ["360m-onnx-fp32"] = ("360m-q8_0", WeightPrecision.Fp32),
        ["tiny-onnx"] = ("tiny", WeightPrecision.Fp32),
    };

    public static IEnumerable<string> Names => All.Keys.Concat(Converted.Keys);

    /// <summary>Full path of the model's file, which is written when it is not there.</summary>
    public static string GetPath(string name)
    {
        if (Converted.TryGetValue(name, out var conversion))
            return Convert(name, conversion.Gguf, conversion.Precision);

        if (!All.TryGetValue(name, out var options))
            throw new ArgumentException($"There is no model '{name}'; there are {string.Join(", ", Names)}.");

        var path = Path.Combine(Repository.Root, "bench", "models", name + ".gguf");
        if (File.Exists(path))
            return path;

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Console.Error.WriteLine($"writing {path}");
        RandomModel.Write(path + ".part", options);
        File.Move(path + ".part", path);
        return path;
    }

    private static string Convert(string name, string gguf, WeightPrecision precision)
    {
        // The converter writes the configuration last: with it the folder is whole.
        var folder = Path.Combine(Repository.Root, "bench", "models", name);
        if (File.Exists(Path.Combine(folder, "genai_config.json")))
            return folder;

        Console.Error.WriteLine($"writing {folder}");
        GenAiConverter.Convert(GetPath(gguf), folder, new ConversionOptions { Precision = precision });
        return folder;
    }

    private static RandomModelOptions Options(ModelShape shape, GgufTensorType type) => new()
    {
        Shape = shape,
        WeightType = type,
        EmbeddingType = GgufTensorType.Q8_0,
    };
}
