using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Embedding;

/// <summary>
/// A folder as sentence-transformers writes it: <c>config.json</c>, <c>model.onnx</c> or <c>onnx/model.onnx</c>, and
/// modules that say how states become vectors. Read and checked. Whether Normalize is among the modules does not matter:
/// vectors of all models are brought to length 1, as OpenAI's are.
/// </summary>
internal sealed record EncoderFolder
{
    private const string ConfigName = "config.json";
    private const string ModulesName = "modules.json";
    private const string LengthName = "sentence_bert_config.json";
    private const int DefaultLength = 512;

    private static readonly string[] GraphNames = ["onnx/model.onnx", "model.onnx"];
    private static readonly string[] UnsupportedPooling = ["pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens", "pooling_mode_weightedmean_tokens"];

    /// <summary>The architecture's name, for example <c>bert</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Tokens of one input at most.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Width of the hidden state, where the graph does not say; 0 when not said either.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Entries of the embedding table; 0 when not said.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>How states become vectors.</summary>
    public required PoolingKind Pooling { get; init; }

    /// <summary>Name of the graph's file in the folder.</summary>
    public required string FileName { get; init; }

    /// <summary>The graph's bytes, which were checked.</summary>
    public required byte[] GraphBytes { get; init; }

    /// <summary>Full path of the graph's folder.</summary>
    public required string GraphFolder { get; init; }

    /// <summary>What the graph holds.</summary>
    public required OnnxGraph Graph { get; init; }

    /// <exception cref="ModelLoadException">Something is missing, broken or not supported.</exception>
    public static EncoderFolder Open(string path)
    {
        var name = GraphNames.FirstOrDefault(candidate => File.Exists(Path.Combine(path, candidate)))
            ?? throw new ModelLoadException($"it has no {GenAiConfigReader.FileName}, and none of {string.Join(", ", GraphNames)}");
        if (!File.Exists(Path.Combine(path, ConfigName)))
            throw new ModelLoadException(
                $"it has neither {GenAiConfigReader.FileName}, which a model that generates text needs beside {name}, nor {ConfigName}, which an encoder needs");
        var config = ConfigObject.ReadFile(path, ConfigName);
        if (config.GetFlag("is_encoder_decoder"))
            throw new ModelLoadException("config.json: is_encoder_decoder makes it an encoder-decoder model, which is not supported");

        var file = FolderFiles.Resolve(path, name, "the layout of the folder");
        var graphFolder = Path.GetDirectoryName(file)!;
        var bytes = GraphFile.Read(file);
        return new EncoderFolder
        {
            Type = config.GetText("model_type") ?? "encoder",
            MaxLength = ReadMaxLength(path, config),
            HiddenSize = config.GetCount("hidden_size") ?? 0,
            VocabularySize = config.GetCount("vocab_size") ?? 0,
            Pooling = ReadPooling(path),
            FileName = name,
            GraphBytes = bytes,
            GraphFolder = graphFolder,
            Graph = GraphFile.Check(bytes, graphFolder, name),
        };
    }

    private static int ReadMaxLength(string path, in ConfigObject config)
    {
        var positions = config.GetCount("max_position_embeddings") ?? 0;

        // RoBERTa's positions begin behind the padding token's.
        if (positions > 2 && config.GetText("model_type") is "roberta" or "xlm-roberta" or "camembert" or "mpnet")
            positions -= 2;
        var own = File.Exists(Path.Combine(path, LengthName)) ? ConfigObject.ReadFile(path, LengthName).GetCount("max_seq_length") ?? 0 : 0;
        return (positions, own) switch
        {
            ( > 0, > 0) => Math.Min(positions, own),
            (0, 0) => DefaultLength,
            _ => Math.Max(positions, own),
        };
    }

    private static PoolingKind ReadPooling(string path)
    {
        var folder = FindPoolingFolder(path);
        if (!File.Exists(Path.Combine(path, folder, "config.json")))
            return PoolingKind.Mean;

        var config = ConfigObject.ReadFile(FolderFiles.ResolveFolder(path, folder, ModulesName), "config.json");
        foreach (var name in UnsupportedPooling)
            if (config.GetFlag(name))
                throw new ModelLoadException($"{folder}/config.json: {name} is not supported");

        return config.GetFlag("pooling_mode_cls_token") ? PoolingKind.First
            : config.GetFlag("pooling_mode_lasttoken") ? PoolingKind.Last
            : PoolingKind.Mean;
    }

    private static string FindPoolingFolder(string path)
    {
        var folder = "1_Pooling";
        if (!File.Exists(Path.Combine(path, ModulesName)))
            return folder;

        foreach (var module in ConfigObject.ReadList(path, ModulesName))
        {
            var type = module.GetText("type") ?? "";
            var kind = type[(type.LastIndexOf('.') + 1)..];
            if (kind is not ("Transformer" or "Pooling" or "Normalize"))
                throw new ModelLoadException($"{ModulesName}: the module '{type}' is not supported");
            if (kind == "Pooling" && module.GetText("path") is { Length: > 0 } own)
                folder = own;
        }

        return folder;
    }
}
