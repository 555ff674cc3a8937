using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Engines.LlamaCpp.Tests;

/// <summary>Loads a file as the server does, for tests.</summary>
internal static class LoadedModel
{
    public static ITokenModel Load(string path) =>
        new LlamaModelLoader(new LlamaOptions(), NullLoggerFactory.Instance, TimeProvider.System).Load(
            new ModelBundle { Name = Path.GetFileName(path), Formats = ModelFormat.Gguf, GgufPath = path },
            ModelLoadOptions.Default,
            progress: null,
            TestContext.Current.CancellationToken);

    public static SessionOptions Options(int sequences, int length, KvCacheLayout layout = KvCacheLayout.PerSequence) => new()
    {
        MaxSequences = sequences,
        MaxSequenceLength = length,
        ThreadCount = 1,
        KvCacheLayout = layout,
    };

    public static DecodeStatus Decode(this IDecodeSession session, DecodeBatch batch, int sequence, ReadOnlySpan<int> tokens, LogitRows rows)
    {
        batch.Clear();
        batch.Add(sequence, session.GetLength(sequence), tokens, rows);
        return session.Decode(batch);
    }
}
