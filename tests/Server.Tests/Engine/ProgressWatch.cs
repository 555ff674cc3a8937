using System.Collections.Concurrent;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>
/// How far the engine has computed each request, seen below the scheduler. A request is known by the first two tokens of its
/// prompt, which no other has.
/// </summary>
internal sealed class ProgressWatch
{
    private readonly ConcurrentDictionary<(int, int), int> _lengths = new();

    /// <summary>The most tokens that a sequence of the request had; 0 before its first step.</summary>
    public int LengthOf((int, int) mark) => _lengths.GetValueOrDefault(mark);

    /// <summary>A loader whose models are watched.</summary>
    public ITokenModelLoader Watch(ITokenModelLoader loader) => new Loader(this, loader);

    private void Report(List<int> tokens)
    {
        if (tokens.Count >= 2)
            _lengths.AddOrUpdate((tokens[0], tokens[1]), tokens.Count, (_, length) => Math.Max(length, tokens.Count));
    }

    private sealed class Loader(ProgressWatch watch, ITokenModelLoader inner) : ITokenModelLoader
    {
        public ModelFormat Format => inner.Format;

        public EngineStatus Status => inner.Status;

        public MemoryEstimate Estimate(ModelBundle bundle, ModelLoadOptions options) => inner.Estimate(bundle, options);

        public ITokenModel Load(ModelBundle bundle, ModelLoadOptions options, IProgress<float>? progress, CancellationToken cancellationToken) =>
            new Model(watch, inner.Load(bundle, options, progress, cancellationToken));
    }

    private sealed class Model(ProgressWatch watch, ITokenModel inner) : ITokenModel
    {
        public ModelInfo Info => inner.Info;

        public ITokenizer Tokenizer => inner.Tokenizer;

        public IDecodeSession CreateSession(SessionOptions options) => new Session(watch, inner.CreateSession(options));

        public IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options) => inner.CreateEmbeddingSession(options);

        public void Dispose() => inner.Dispose();
    }

    private sealed class Session(ProgressWatch watch, IDecodeSession inner) : IDecodeSession
    {
        private readonly List<int>[] _sequences = [.. Enumerable.Range(0, inner.Limits.MaxSequences).Select(_ => new List<int>())];

        public SessionLimits Limits => inner.Limits;

        public ReadOnlySpan<int> FailedRows => inner.FailedRows;

        public bool IsStalled => inner.IsStalled;

        public DecodeStatus Decode(DecodeBatch batch)
        {
            var status = inner.Decode(batch);
            if (status != DecodeStatus.Ok) return status;
            foreach (var entry in batch.Entries)
            {
                Cut(entry.Sequence, entry.Position);
                _sequences[entry.Sequence].AddRange(batch.TokensOf(entry));
                watch.Report(_sequences[entry.Sequence]);
            }

            return status;
        }

        public ReadOnlySpan<float> GetLogits(int row) => inner.GetLogits(row);

        public int GetLength(int sequence) => inner.GetLength(sequence);

        public bool TryTruncate(int sequence, int length)
        {
            if (!inner.TryTruncate(sequence, length)) return false;
            Cut(sequence, length);
            return true;
        }

        public bool TryCopyPrefix(int source, int target, int length)
        {
            if (!inner.TryCopyPrefix(source, target, length)) return false;
            _sequences[target].Clear();
            _sequences[target].AddRange(_sequences[source].Take(length));
            return true;
        }

        public void Release(int sequence)
        {
            inner.Release(sequence);
            _sequences[sequence].Clear();
        }

        public void Abort() => inner.Abort();

        public void Dispose() => inner.Dispose();

        private void Cut(int sequence, int length)
        {
            var tokens = _sequences[sequence];
            if (length < tokens.Count) tokens.RemoveRange(length, tokens.Count - length);
        }
    }
}
