using ModelRunner.Export;
using ModelRunner.Gguf;

namespace ModelRunner.Bench;

/// <summary>The models that are measured: random weights in real shapes, made on first use, so that nothing is downloaded.</summary>
internal static class BenchModels
{
    private static readonly Dictionary<string, RandomModelOptions> All = new()
    {
        ["360m-q4_0"] = Options(ModelShape.SmolLm2_360M, GgufTensorType.Q4_0),
        ["360m-q8_0"] = Options(ModelShape.SmolLm2_360M, GgufTensorType.Q8_0),
        ["1b-q4_0"] = Options(ModelShape.Llama1B, GgufTensorType.Q4_0),
        ["1b-q8_0"] = Options(ModelShape.Llama1B, GgufTensorType.Q8_0),
        ["tiny"] = new RandomModelOptions(),
    };

    public static IEnumerable<string> Names => All.Keys;

    /// <summary>Full path of the model's file, which is written when it is not there.</summary>
    public static string GetPath(string name)
    {
        if (!All.TryGetValue(name, out var options))
            throw new ArgumentException($"There is no model '{name}'; there are {string.Join(", ", All.Keys)}.");

        var path = Path.Combine(Repository.Root, "bench", "models", name + ".gguf");
        if (File.Exists(path))
            return path;

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Console.Error.WriteLine($"writing {path}");
        RandomModel.Write(path + ".part", options);
        File.Move(path + ".part", path);
        return path;
    }

    private static RandomModelOptions Options(ModelShape shape, GgufTensorType type) => new()
    {
        Shape = shape,
        WeightType = type,
        EmbeddingType = GgufTensorType.Q8_0,
    };
}
