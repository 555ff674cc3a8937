namespace ModelRunner.Export;

/// <summary>The sizes of a llama-shaped model.</summary>
public sealed record ModelShape
{
    /// <summary>Two layers of width 64: a few hundred KB, decodes in microseconds.</summary>
    public static ModelShape Tiny { get; } = new()
    {
        LayerCount = 2,
        Width = 64,
        HeadCount = 4,
        KvHeadCount = 2,
        FeedForwardLength = 128,
        ContextLength = 2048,
        VocabularySize = 512,
    };

#pragma warning disable CA1707 // The underscore separates two numbers.
    /// <summary>SmolLM2-135M.</summary>
    public static ModelShape SmolLm2_135M { get; } = new()
    {
        LayerCount = 30,
        Width = 576,
        HeadCount = 9,
        KvHeadCount = 3,
        FeedForwardLength = 1536,
        ContextLength = 8192,
        VocabularySize = 49152,
        RopeBase = 100_000,
    };

    /// <summary>SmolLM2-360M.</summary>
    public static ModelShape SmolLm2_360M { get; } = new()
    {
        LayerCount = 32,
        Width = 960,
        HeadCount = 15,
        KvHeadCount = 5,
        FeedForwardLength = 2560,
        ContextLength = 8192,
        VocabularySize = 49152,
        RopeBase = 100_000,
    };
#pragma warning restore CA1707

    /// <summary>Qwen2.5 0.5B with a shorter context.</summary>
    public static ModelShape Qwen25HalfB { get; } = new()
    {
        LayerCount = 24,
        Width = 896,
        HeadCount = 14,
        KvHeadCount = 2,
        FeedForwardLength = 4864,
        ContextLength = 8192,
        VocabularySize = 151_936,
        RopeBase = 1_000_000,
        RmsEpsilon = 1e-6f,
    };

    /// <summary>Llama 3.2 1B with a shorter context.</summary>
    public static ModelShape Llama1B { get; } = new()
    {
        LayerCount = 16,
        Width = 2048,
        HeadCount = 32,
        KvHeadCount = 8,
        FeedForwardLength = 8192,
        ContextLength = 8192,
        VocabularySize = 128_256,
        RopeBase = 500_000,
    };

    public required int LayerCount { get; init; }

    /// <summary>Elements of the hidden state.</summary>
    public required int Width { get; init; }

    public required int HeadCount { get; init; }

    /// <summary>Divides <see cref="HeadCount"/>.</summary>
    public required int KvHeadCount { get; init; }

    public required int FeedForwardLength { get; init; }

    /// <summary>Tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Tokens, special and byte tokens included.</summary>
    public required int VocabularySize { get; init; }

    public float RopeBase { get; init; } = 10_000;

    public float RmsEpsilon { get; init; } = 1e-5f;

    /// <summary>True where the output matrix is the embedding matrix.</summary>
    public bool HasTiedOutput { get; init; } = true;

    /// <summary>Elements of one head. <value>The default is the width over the number of heads.</value></summary>
    public int HeadLength
    {
        get => field > 0 ? field : Width / HeadCount;
        init;
    }
}
