using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>The sizes of a session: what the user set, and for the rest what suits the model and this machine. Pure.</summary>
internal sealed record LlamaSessionSizes
{
    private const int DefaultSequences = 16;
    private const int FewestSequences = 4;
    private const int DefaultLength = 4096;
    private const int FallbackLength = 2048;

    /// <summary>The bound of llama.cpp, <c>LLAMA_MAX_SEQ</c>.</summary>
    private const int MostSequences = 256;

    /// <summary>llama.cpp rounds the cells of a sequence up to this.</summary>
    private const int LengthStep = 256;

    private const int FlashMicroBatch = 512;

    /// <summary>Without flash attention a larger one is no faster, and its matrix of scores takes memory.</summary>
    private const int PlainMicroBatch = 128;

    /// <summary>The defaults take at most this part of the machine's memory for the KV cache.</summary>
    private const int MemoryPart = 4;

    public required int MaxSequences { get; init; }

    public required int MaxSequenceLength { get; init; }

    /// <summary>
    /// Regions for sequences: where each has its own, one more than there are sequences, so that two can be exchanged.
    /// </summary>
    public required int StreamCount { get; init; }

    /// <summary>Cells over all streams.</summary>
    public required int TotalLength { get; init; }

    public required bool IsPooled { get; init; }

    public required int BatchTokens { get; init; }

    public required int MicroBatchTokens { get; init; }

    public required int ThreadCount { get; init; }

    public required KvCacheType KvType { get; init; }

    /// <summary>
    /// Whether attention is computed in tiles, without a matrix of its scores. On a CPU that gains with prompts of more
    /// than a thousand tokens only, and costs in every step that decodes: beside 2,048 tokens of context a step without
    /// it takes little more than half the time, and a short piece of a prompt two thirds. So a CPU does without, unless
    /// the cache's type needs it. Null leaves it to libllama.
    /// </summary>
    public required bool? FlashAttention { get; init; }

    public required long KvSizeInBytes { get; init; }

    /// <summary>Scores of a micro-batch over the longest context that it can see, for one layer at a time.</summary>
    public required long ScoresSizeInBytes { get; init; }

    public static LlamaSessionSizes Choose(SessionOptions options, KvShape shape, bool usesGpu)
    {
        var kvType = options.KvCacheType != KvCacheType.Auto ? options.KvCacheType
            : options.Deterministic ? KvCacheType.F32 : KvCacheType.F16;
        var trained = shape.TrainedLength > 0 ? shape.TrainedLength : FallbackLength;
        var length = options.MaxSequenceLength > 0 ? options.MaxSequenceLength : Math.Min(trained, DefaultLength);
        var isPooled = options.KvCacheLayout == KvCacheLayout.Pooled;
        var bytesPerToken = shape.ElementsPerToken * BytesPerElement(kvType);
        var sequences = options.MaxSequences > 0
            ? Math.Min(options.MaxSequences, MostSequences)
            : FitSequences(bytesPerToken * length);
        var streams = isPooled || sequences == 1 ? sequences : Math.Min(sequences + 1, MostSequences);
        var perSequence = (length + LengthStep - 1) / LengthStep * LengthStep;
        var total = isPooled
            ? options.PoolTokenCount > 0 ? options.PoolTokenCount : checked(perSequence * Math.Min(sequences, FewestSequences))
            : checked(perSequence * streams);
        var flash = options.Deterministic ? false : options.FlashAttention ?? (kvType == KvCacheType.Q8 ? true : usesGpu ? null : false);
        var batch = Math.Max(options.MaxBatchTokens > 0 ? options.MaxBatchTokens : 2048, sequences);
        var microBatch = Math.Min(flash == false ? PlainMicroBatch : FlashMicroBatch, batch);
        return new LlamaSessionSizes
        {
            MaxSequences = sequences,
            StreamCount = streams,
            MaxSequenceLength = isPooled ? Math.Min(length, total) : length,
            TotalLength = total,
            IsPooled = isPooled,
            BatchTokens = batch,
            MicroBatchTokens = microBatch,
            ThreadCount = options.ThreadCount > 0 ? options.ThreadCount : Math.Clamp(Environment.ProcessorCount, 1, 8),
            KvType = kvType,
            FlashAttention = flash,
            KvSizeInBytes = total * bytesPerToken,
            ScoresSizeInBytes = flash == false ? shape.HeadCount * microBatch * (isPooled ? total : perSequence) * sizeof(float) : 0,
        };
    }

    /// <summary>Logits of the rows of a step, attention's scores, and room for a micro-batch's activations.</summary>
    public long ComputeSizeInBytes(int vocabularySize) =>
        ((long)vocabularySize * sizeof(float) * (MaxSequences + MicroBatchTokens)) + ScoresSizeInBytes + (64L << 20);

    private static int FitSequences(long bytesPerSequence)
    {
        var budget = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryPart;
        var fitting = bytesPerSequence > 0 ? budget / bytesPerSequence : DefaultSequences;
        return (int)Math.Clamp(fitting, FewestSequences, DefaultSequences);
    }

    private static int BytesPerElement(KvCacheType type) => type switch
    {
        KvCacheType.F32 => 4,
        KvCacheType.Q8 => 2, // 34 bytes for 32 elements: rounded up to what the estimate can say.
        _ => 2,
    };
}
