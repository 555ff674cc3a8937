using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp;
using ModelRunner.Engines.Onnx;
using ModelRunner.Testing;

namespace ModelRunner.EngineConformance;

public sealed class ScriptedSessionConformanceTests : DecodeSessionConformance
{
    protected override float Bound => 0;

    protected override IDecodeSession Create() => new ScriptedDecodeSession(
        new SessionLimits
        {
            MaxSequences = 4,
            MaxBatchTokens = 64,
            MaxSequenceLength = 32,
            KvLayout = KvLayout.Pooled(128),
            PrefixCopy = PrefixCopy.Shared,
            CanTruncate = true,
            PreferredChunk = 16,
        },
        vocabularySize: 24);
}

public abstract class LlamaSessionConformance : DecodeSessionConformance
{
    /// <summary>Flash attention on, F16 KV: measured up to 2e-2 at a scale of 22.</summary>
    protected override float Bound => 2e-2f;

    protected abstract KvCacheLayout Layout { get; }

    protected override IDecodeSession Create()
    {
        var loader = new LlamaModelLoader(new LlamaOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        var bundle = new ModelBundle { Name = "tiny", Formats = ModelFormat.Gguf, GgufPath = FixtureModels.Tiny };

        // The session outlives its model.
        using var model = loader.Load(bundle, ModelLoadOptions.Default, null, TestContext.Current.CancellationToken);
        return model.CreateSession(new SessionOptions { MaxSequences = 4, MaxSequenceLength = 64, ThreadCount = 1, KvCacheLayout = Layout });
    }
}

public sealed class LlamaPerSequenceConformanceTests : LlamaSessionConformance
{
    protected override KvCacheLayout Layout => KvCacheLayout.PerSequence;
}

public sealed class LlamaPooledConformanceTests : LlamaSessionConformance
{
    protected override KvCacheLayout Layout => KvCacheLayout.Pooled;
}

public abstract class OnnxSessionConformance : DecodeSessionConformance
{
    /// <summary>Kernels for one token and for several differ in rounding only, where weights are floats.</summary>
    protected override float Bound => 1e-4f;

    protected abstract string Folder { get; }

    protected override IDecodeSession Create()
    {
        var loader = new OnnxModelLoader(new OnnxOptions(), NullLoggerFactory.Instance, (_, decoder) => new FakeTokenizer(decoder.VocabularySize));
        var bundle = new ModelBundle { Name = "tiny", Formats = ModelFormat.OnnxGenAi, OnnxFolder = Folder };

        // The session outlives its model.
        using var model = loader.Load(bundle, new ModelLoadOptions { ThreadCount = 1 }, null, TestContext.Current.CancellationToken);
        return model.CreateSession(new SessionOptions { MaxSequences = 4, MaxSequenceLength = 64 });
    }
}

/// <summary>GroupQueryAttention: past and present in the same memory.</summary>
public sealed class OnnxSharedConformanceTests : OnnxSessionConformance
{
    protected override string Folder => FixtureModels.TinyOnnx;
}

/// <summary>A generic export: keys and values in one growing tensor.</summary>
public sealed class OnnxGrowingConformanceTests : OnnxSessionConformance
{
    protected override string Folder => SharedData.Require("models/genai/tiny-random-gpt2-fp32");
}
