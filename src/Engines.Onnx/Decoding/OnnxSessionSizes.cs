using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>The sizes of a session: what the user set, and for the rest what suits the model and this machine. Pure.</summary>
internal sealed record OnnxSessionSizes
{
    /// <summary>Tokens of one launch over a prompt: more are no faster on a CPU, and hold a step up longer.</summary>
    public const int ChunkTokens = 128;

    private const int DefaultSequences = 16;
    private const int FewestSequences = 4;
    private const int MostSequences = 256;
    private const int DefaultLength = 4096;
    private const int FallbackLength = 2048;
    private const int BatchTokensAtLeast = 512;

    /// <summary>The defaults take at most this part of the machine's memory for the KV cache.</summary>
    private const int MemoryPart = 4;

    public required int MaxSequences { get; init; }

    public required int MaxSequenceLength { get; init; }

    public required int BatchTokens { get; init; }

    public required long KvSizeInBytes { get; init; }

    /// <param name="options">What the user set.</param>
    /// <param name="decoder">The graph's inputs and outputs.</param>
    /// <param name="trainedLength">Tokens that the model was trained for; 0 when it does not say.</param>
    /// <param name="longest">Tokens that the graph can place; 0 when nothing bounds them.</param>
    /// <exception cref="ModelLoadException">An option that the graph decides, and decides otherwise.</exception>
    public static OnnxSessionSizes Choose(SessionOptions options, DecoderInterface decoder, int trainedLength, long longest)
    {
        CheckKv(options, decoder);
        var length = options.MaxSequenceLength > 0 ? options.MaxSequenceLength : Math.Min(TrainedLength(trainedLength), DefaultLength);
        if (longest > 0)
            length = (int)Math.Min(length, longest);

        var perSequence = decoder.KvSizeInBytesPerToken * length;
        var sequences = options.MaxSequences > 0 ? Math.Min(options.MaxSequences, MostSequences) : FitSequences(perSequence);
        return new OnnxSessionSizes
        {
            MaxSequences = sequences,
            MaxSequenceLength = length,
            BatchTokens = Math.Max(options.MaxBatchTokens > 0 ? options.MaxBatchTokens : BatchTokensAtLeast, sequences),
            KvSizeInBytes = perSequence * sequences,
        };
    }

    /// <summary>Tokens of one input at most, where its embedding is asked for.</summary>
    /// <param name="trainedLength">Tokens that the model was trained for; 0 when it does not say.</param>
    /// <param name="longest">Tokens that the graph can place; 0 when nothing bounds them.</param>
    public static int LongestInput(int trainedLength, long longest) =>
        (int)Math.Min(TrainedLength(trainedLength), longest > 0 ? longest : int.MaxValue);

    /// <summary>Logits of a step and of a launch, and room for the activations of a launch.</summary>
    public long ComputeSizeInBytes(int vocabularySize) =>
        ((long)vocabularySize * sizeof(float) * (MaxSequences + (2 * ChunkTokens))) + (96L << 20);

    private static int TrainedLength(int declared) => declared > 0 ? declared : FallbackLength;

    private static void CheckKv(SessionOptions options, DecoderInterface decoder)
    {
        if (options.KvCacheLayout == KvCacheLayout.Pooled)
            throw new ModelLoadException("kv-layout: an ONNX graph has a KV cache per sequence, not a pooled one");

        var declared = decoder.Kv[0].Type;
        var isAsWished = options.KvCacheType switch
        {
            KvCacheType.F32 => declared == ElementType.Float32,
            KvCacheType.F16 => declared is ElementType.Float16 or ElementType.BFloat16,
            KvCacheType.Q8 => declared is ElementType.Int8 or ElementType.UInt8,
            _ => true,
        };
        if (!isAsWished)
            throw new ModelLoadException($"kv-type: the graph's KV cache is {declared}, which no setting changes");
    }

    private static int FitSequences(long bytesPerSequence)
    {
        var budget = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryPart;
        var fitting = bytesPerSequence > 0 ? budget / bytesPerSequence : DefaultSequences;
        return (int)Math.Clamp(fitting, FewestSequences, DefaultSequences);
    }
}
