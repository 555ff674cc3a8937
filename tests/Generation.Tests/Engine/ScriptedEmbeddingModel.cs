using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Engine;

/// <summary>
/// An encoder in memory: a vector tells what its input was. Its session does what the test says before each batch.
/// </summary>
internal sealed class ScriptedEmbeddingModel : ITokenModel, IEmbeddingSession
{
    public const int Width = 4;

    private const int BatchTokens = 1_000;

    private readonly List<int[][]> _batches = [];

    /// <summary>Runs on the queue's thread, before each batch.</summary>
    public Action<EmbeddingBatch> BeforeBatch { get; set; } = static _ => { };

    /// <summary>Runs on the queue's thread outside of any batch, when it asks how much one holds.</summary>
    public Action BeforeCollecting { get; set; } = static () => { };

    public Action BeforeSession { get; set; } = static () => { };

    /// <summary>Every batch that came so far.</summary>
    public IReadOnlyList<int[][]> Batches => _batches;

    public int LiveSessions { get; private set; }

    public ModelInfo Info { get; init; } = new()
    {
        Name = "scripted",
        Architecture = "scripted",
        Format = ModelFormat.Gguf,
        EmbeddingLength = Width,
        IsGenerative = false,
    };

    public ITokenizer Tokenizer { get; } = new FakeTokenizer(100);

    public bool IsStalled { get; set; }

    public int MaxSequences => 16;

    public int MaxBatchTokens
    {
        get
        {
            BeforeCollecting();
            return BatchTokens;
        }
    }

    public int MaxInputLength => 900;

    /// <summary>The vector of an input, before it is brought to length 1.</summary>
    public static float[] VectorOf(ReadOnlySpan<int> tokens)
    {
        var sum = 0;
        foreach (var token in tokens)
            sum += token;

        return [tokens.Length, tokens[0], tokens[^1], sum];
    }

    public IDecodeSession CreateSession(SessionOptions options) => throw new NotSupportedException();

    public IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options)
    {
        BeforeSession();
        LiveSessions++;
        return this;
    }

    public int GetOutputLength(PoolingKind pooling) => Width;

    public void Embed(EmbeddingBatch batch, PoolingKind pooling, Span<float> output)
    {
        var inputs = Enumerable.Range(0, batch.Count).Select(input => batch[input].ToArray()).ToArray();
        lock (_batches)
            _batches.Add(inputs);

        BeforeBatch(batch);
        Assert.InRange(batch.Count, 1, MaxSequences);
        Assert.InRange(batch.TokenCount, 1, BatchTokens);
        Assert.Equal(batch.Count * Width, output.Length);
        for (var i = 0; i < inputs.Length; i++)
            VectorOf(inputs[i]).CopyTo(output[(i * Width)..]);
    }

    void IDisposable.Dispose() => LiveSessions--;
}
