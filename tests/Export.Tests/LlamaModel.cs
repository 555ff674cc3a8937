using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp;

namespace ModelRunner.Export.Tests;

/// <summary>A GGUF in llama.cpp, whose tokens and logits a conversion must give again.</summary>
internal static class LlamaModel
{
    public static ITokenModel Load(string path) =>
        new LlamaModelLoader(new LlamaOptions(), NullLoggerFactory.Instance, TimeProvider.System).Load(
            new ModelBundle { Name = Path.GetFileName(path), Formats = ModelFormat.Gguf, GgufPath = path },
            ModelLoadOptions.Default,
            progress: null,
            TestContext.Current.CancellationToken);

    /// <summary>The logits of each token, with the settings whose results do not depend on batching.</summary>
    public static double[][] Decode(string path, int[] tokens)
    {
        using var model = Load(path);
        using var session = model.CreateSession(new SessionOptions
        {
            MaxSequences = 1,
            MaxSequenceLength = 64,
            ThreadCount = 1,
            Deterministic = true,
        });
        var batch = new DecodeBatch(tokens.Length, 1);
        batch.Add(0, 0, tokens, LogitRows.All);
        Assert.Equal(DecodeStatus.Ok, session.Decode(batch));
        return [.. Enumerable.Range(0, tokens.Length).Select(row => session.GetLogits(row).ToArray().Select(value => (double)value).ToArray())];
    }
}
