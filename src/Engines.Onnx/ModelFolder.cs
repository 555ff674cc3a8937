using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx;

/// <summary>A GenAI folder whose configuration and graph were read and checked.</summary>
internal sealed record ModelFolder
{
    /// <summary>Full path of the folder.</summary>
    public required string Path { get; init; }

    /// <summary>What <c>genai_config.json</c> says.</summary>
    public required GenAiConfig Config { get; init; }

    /// <summary>The graph's file, whose bytes were checked: ONNX Runtime is given these and not the path.</summary>
    public required byte[] GraphBytes { get; init; }

    /// <summary>Full path of the graph's folder, in which external data lies.</summary>
    public required string GraphFolder { get; init; }

    /// <summary>What the graph holds.</summary>
    public required OnnxGraph Graph { get; init; }

    /// <summary>Full path of the folder with <c>tokenizer.json</c>.</summary>
    public required string TokenizerPath { get; init; }

    /// <exception cref="ModelLoadException">Something is missing, broken or not supported.</exception>
    public static ModelFolder Open(string path)
    {
        var config = GenAiConfigReader.Read(path);
        var file = FolderFiles.Resolve(path, config.FileName, "model.decoder.filename of genai_config.json");
        var graphFolder = System.IO.Path.GetDirectoryName(file)!;
        var bytes = GraphFile.Read(file);
        return new ModelFolder
        {
            Path = path,
            Config = config,
            GraphBytes = bytes,
            GraphFolder = graphFolder,
            Graph = GraphFile.Check(bytes, graphFolder, config.FileName),
            TokenizerPath = config.TokenizerFolder.Length == 0
                ? path
                : FolderFiles.ResolveFolder(path, config.TokenizerFolder, "model.tokenizer_dir of genai_config.json"),
        };
    }
}
