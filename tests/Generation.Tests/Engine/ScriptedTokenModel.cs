using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Engine;

/// <summary>A model whose steps do what a test says.</summary>
internal sealed class ScriptedTokenModel(Func<DecodeBatch, DecodeStatus> script, Func<bool>? isStalled = null) : ITokenModel
{
    private const int TokenCount = 24;

    public ModelInfo Info { get; } = new() { Name = "scripted", Architecture = "scripted", Format = ModelFormat.Gguf };

    public ITokenizer Tokenizer { get; } = new FakeTokenizer(TokenCount);

    public IDecodeSession CreateSession(SessionOptions options) => new Session(
        new ScriptedDecodeSession(
            new SessionLimits
            {
                MaxSequences = 2,
                MaxBatchTokens = 16,
                MaxSequenceLength = 32,
                KvLayout = KvLayout.Pooled(64),
                PrefixCopy = PrefixCopy.Shared,
                CanTruncate = true,
                PreferredChunk = 16,
            },
            TokenCount,
            script),
        isStalled ?? (() => false));

    public IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Session(ScriptedDecodeSession inner, Func<bool> isStalled) : IDecodeSession
    {
        public SessionLimits Limits => inner.Limits;

        public ReadOnlySpan<int> FailedRows => inner.FailedRows;

        public bool IsStalled => isStalled();

        public DecodeStatus Decode(DecodeBatch batch) => inner.Decode(batch);

        public ReadOnlySpan<float> GetLogits(int row) => inner.GetLogits(row);

        public int GetLength(int sequence) => inner.GetLength(sequence);

        public bool TryTruncate(int sequence, int length) => inner.TryTruncate(sequence, length);

        public bool TryCopyPrefix(int source, int target, int length) => inner.TryCopyPrefix(source, target, length);

        public void Release(int sequence) => inner.Release(sequence);

        public void Abort() => inner.Abort();

        public void Dispose() => inner.Dispose();
    }
}
