using ModelRunner.Export;
using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;

namespace ModelRunner.Testing;

/// <summary>Tiny models, each written once in a process into a folder that goes away when the process ends.</summary>
public static class FixtureModels
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<RandomModelOptions, string> Paths = [];
    private static readonly Dictionary<(string Gguf, ConversionOptions Options), string> Converted = [];
    private static readonly Lazy<string> LazyFolder = new(CreateFolder);

    /// <summary>Full path of the folder.</summary>
    public static string Folder => LazyFolder.Value;

    /// <summary>Byte-level vocabulary, F32.</summary>
    public static string Tiny => Get(new RandomModelOptions());

    /// <summary>Byte-level vocabulary, Q4_0 with Q8_0 embeddings.</summary>
    public static string TinyQ4 => Get(new RandomModelOptions
    {
        WeightType = GgufTensorType.Q4_0,
        EmbeddingType = GgufTensorType.Q8_0,
    });

    /// <summary>SentencePiece vocabulary, F32, with an output matrix of its own.</summary>
    public static string TinySentencePiece => Get(new RandomModelOptions
    {
        Vocabulary = VocabularyKind.SentencePiece,
        Shape = ModelShape.Tiny with { HasTiedOutput = false },
    });

    /// <summary>Trained, it says, on 131,072 tokens: answers that outgrow every socket buffer.</summary>
    public static string LongContext => Get(new RandomModelOptions { Shape = ModelShape.Tiny with { ContextLength = 131_072 } });

    /// <summary>The tiny model as a GenAI folder, fp32.</summary>
    public static string TinyOnnx => GetGenAi(Tiny);

    /// <summary>The tiny model as a GenAI folder with 4-bit weights.</summary>
    public static string TinyOnnxInt4 => GetGenAi(Tiny, new ConversionOptions { Precision = WeightPrecision.Int4 });

    /// <summary>The tiny model in one folder as both formats.</summary>
    public static string TinyOfBothFormats => GetBothFormats(Tiny);

    /// <summary>Full path of the model with these options.</summary>
    public static string Get(RandomModelOptions options)
    {
        lock (Gate)
        {
            if (Paths.TryGetValue(options, out var path))
                return path;
            path = Path.Combine(Folder, $"model-{Paths.Count}.gguf");
            RandomModel.Write(path, options);
            Paths.Add(options, path);
            return path;
        }
    }

    /// <summary>Full path of a GenAI folder with the weights of a GGUF; null options take fp32.</summary>
    public static string GetGenAi(string ggufPath, ConversionOptions? options = null)
    {
        lock (Gate)
        {
            var key = (ggufPath, options ?? new());
            if (Converted.TryGetValue(key, out var path))
                return path;
            path = Path.Combine(Folder, $"genai-{Converted.Count}");
            GenAiConverter.Convert(ggufPath, path, options);
            Converted.Add(key, path);
            return path;
        }
    }

    /// <summary>Full path of a folder with a GGUF and what it is converted to: one bundle for both engines.</summary>
    public static string GetBothFormats(string ggufPath)
    {
        var folder = GetGenAi(ggufPath);
        lock (Gate)
        {
            var path = Path.Combine(Folder, $"both-{Path.GetFileName(folder)}");
            if (Directory.Exists(path))
                return path;
            Directory.CreateDirectory(path);
            foreach (var file in Directory.EnumerateFiles(folder).Append(ggufPath))
                File.Copy(file, Path.Combine(path, Path.GetFileName(file)));
            return path;
        }
    }

    /// <summary>The bytes of a model with these options.</summary>
    public static byte[] GetBytes(RandomModelOptions options)
    {
        using var stream = new MemoryStream();
        RandomModel.Write(stream, options);
        return stream.ToArray();
    }

    private static string CreateFolder()
    {
        var folder = Directory.CreateTempSubdirectory("modelrunner-fixtures-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
