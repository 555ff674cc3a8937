using ModelRunner.Export.Onnx;
using ModelRunner.Export.Tokenizers;
using ModelRunner.Gguf;

namespace ModelRunner.Export.GenAi;

/// <summary>
/// Turns a GGUF into a folder as ONNX Runtime GenAI reads it: <c>model.onnx</c>, <c>model.onnx.data</c>,
/// <c>tokenizer.json</c>, <c>tokenizer_config.json</c> and, last, <c>genai_config.json</c>, so that a folder which was
/// not finished is no model. Weights are read, converted and written one after the other.
/// </summary>
public static class GenAiConverter
{
    /// <summary>Rows of a matrix that is transposed are read again for every such amount of it.</summary>
    internal const int BudgetInBytes = 64 << 20;

    /// <summary>Converts a model.</summary>
    /// <param name="ggufPath">The file, or the first of its shards.</param>
    /// <param name="folder">Made where it is missing; files of the names above are replaced.</param>
    /// <param name="options">Null takes fp32.</param>
    /// <param name="progress">Told before each weight and at the end, on this thread where it is not a Progress.</param>
    /// <param name="cancellation">Looked at between rows; what was written stays.</param>
    /// <exception cref="ConversionException">The file is broken, or of a kind that cannot be converted.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Convert(
        string ggufPath, string folder, ConversionOptions? options = null, IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        try
        {
            Convert(GgufFile.Read(ggufPath), folder, options ?? new(), new MatrixEncoder(BudgetInBytes, cancellation), progress, cancellation);
        }
        catch (GgufException exception)
        {
            throw new ConversionException(exception.Message, exception);
        }
    }

    internal static void Convert(
        GgufFile file, string folder, ConversionOptions options, MatrixEncoder encoder, IProgress<ConversionProgress>? progress,
        CancellationToken cancellation)
    {
        GgufModelValidator.Validate(file);
        var shape = DecoderShape.From(file);
        Check(options, shape);
        var vocabulary = GgufVocabulary.From(file.Metadata);
        using var reader = new TensorReader(file);
        var graph = DecoderGraph.Build(file, shape, reader, encoder, options, cancellation);

        Directory.CreateDirectory(folder);
        var configPath = Path.Combine(folder, GenAiConfig.FileName);
        File.Delete(configPath);
        WriteText(folder, TokenizerJson.FileName, stream => TokenizerJson.Write(stream, vocabulary));
        WriteText(folder, TokenizerConfig.FileName, stream => TokenizerConfig.Write(stream, vocabulary, file, options.ContextLength ?? shape.ContextLength));
        var total = graph.Weights.Where(weight => weight.SharedWith is null).Sum(weight => weight.SizeInBytes);
        OnnxModelWriter.Write(graph, folder, (name, written) => progress?.Report(new ConversionProgress(name, written, total)));
        WriteText(folder, GenAiConfig.FileName, stream => GenAiConfig.Write(stream, shape, vocabulary, options));
        progress?.Report(new ConversionProgress("", total, total));
    }

    private static void Check(ConversionOptions options, DecoderShape shape)
    {
        if (options.ContextLength is { } length && (length < 1 || length > shape.ContextLength))
            throw new ConversionException($"a context of {length} tokens: the model has up to {shape.ContextLength}");
        if (options.AccuracyLevel is < 0 or > 4)
            throw new ConversionException($"the accuracy level {options.AccuracyLevel}: 0 to 4 are defined");
    }

    private static void WriteText(string folder, string name, Action<Stream> write)
    {
        using var stream = File.Create(Path.Combine(folder, name));
        write(stream);
    }
}
