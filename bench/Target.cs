using System.Text.Json;
using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Bench;

/// <summary>The model of a run and how it is loaded, the same for every side.</summary>
internal sealed record Target(string Model, int Sequences, int ContextLength, int Threads, string Layout)
{
    /// <summary>A GGUF, or a GenAI folder.</summary>
    public string Path => System.IO.Path.Exists(Model) ? System.IO.Path.GetFullPath(Model) : BenchModels.GetPath(Model);

    /// <summary>Whether it is a GenAI folder.</summary>
    public bool IsOnnx => Directory.Exists(Path);

    /// <summary>The options of a child command.</summary>
    public string[] ChildOptions =>
    [
        "--model", Path, "--parallel", $"{Sequences}", "--context-size", $"{ContextLength}", "--threads", $"{Threads}", "--kv-layout", Layout,
    ];

    /// <summary>The options of the server.</summary>
    public string[] ServerOptions =>
    [
        "--parallel", $"{Sequences}", "--context-size", $"{ContextLength}", "--threads", $"{Threads}", "--kv-layout", Layout,
    ];

    public ModelLoadOptions LoadOptions => new()
    {
        MaxSequences = Sequences,
        ContextLength = ContextLength,
        ThreadCount = Threads,
        KvCacheLayout = Layout == "pooled" ? KvCacheLayout.Pooled : KvCacheLayout.PerSequence,
    };

    public static Target Read(Arguments arguments, int sequences, int contextLength) => new(
        arguments.Text("model", "360m-q4_0"),
        arguments.Number("parallel", sequences),
        arguments.Number("context-size", contextLength),
        arguments.Number("threads", Environment.ProcessorCount),
        arguments.Text("kv-layout", "per-sequence"));

    public int ReadVocabularySize()
    {
        if (IsOnnx)
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(Path, "genai_config.json")));
            return config.RootElement.GetProperty("model").GetProperty("vocab_size").GetInt32();
        }

        var file = Gguf.GgufFile.Read(Path);
        return Gguf.GgufModelFacts.From(file).VocabularySize;
    }
}
