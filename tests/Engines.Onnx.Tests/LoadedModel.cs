using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Runtime;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests;

/// <summary>Loads a folder as the server does, but for the vocabulary, for tests of everything below it.</summary>
internal static class LoadedModel
{
    public static ITokenModel Load(string folder, ModelLoadOptions? options = null, OnnxOptions? engine = null, ILoggerFactory? loggers = null, IExecutionProviders? providers = null) =>
        new OnnxModelLoader(engine ?? new OnnxOptions(), loggers ?? NullLoggerFactory.Instance, (_, decoder) => new FakeTokenizer(decoder.VocabularySize), providers).Load(
            new ModelBundle { Name = Path.GetFileName(folder), Formats = ModelFormat.OnnxGenAi, OnnxFolder = folder },
            options ?? new ModelLoadOptions { ThreadCount = 1 },
            progress: null,
            TestContext.Current.CancellationToken);

    public static SessionOptions Options(int sequences, int length) => new() { MaxSequences = sequences, MaxSequenceLength = length };

    public static DecodeStatus Decode(this IDecodeSession session, DecodeBatch batch, int sequence, ReadOnlySpan<int> tokens, LogitRows rows)
    {
        batch.Clear();
        batch.Add(sequence, session.GetLength(sequence), tokens, rows);
        return session.Decode(batch);
    }
}
