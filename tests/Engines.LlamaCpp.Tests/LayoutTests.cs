using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Engines.LlamaCpp.Native;

namespace ModelRunner.Engines.LlamaCpp.Tests;

/// <summary>
/// The layouts against what the library itself says: numbers of llama.h's release 0.5.0, none of them computed from our
/// own structs.
/// </summary>
public sealed unsafe class LayoutTests
{
    public LayoutTests() =>
        Assert.True(LlamaLibrary.Load(null, NullLogger.Instance).IsAvailable, LlamaLibrary.Load(null, NullLogger.Instance).Reason);

    [Fact]
    public void ContextParams_Defaults_ReadBack()
    {
        var defaults = LlamaApi.llama_context_default_params();
        Assert.Equal(512u, defaults.ContextSize);
        Assert.Equal(2048u, defaults.BatchSize);
        Assert.Equal(512u, defaults.MicroBatchSize);
        Assert.Equal(4, defaults.ThreadCount);
        Assert.Equal(4, defaults.BatchThreadCount);
        Assert.Equal(-1, defaults.FlashAttentionType);
        Assert.Equal(1, defaults.KeyType);
        Assert.Equal(1, defaults.ValueType);
        Assert.Equal(1, defaults.OffloadKqv);
        Assert.Equal(1, defaults.SlidingWindowFull);
        Assert.Equal(0, defaults.UnifiedKv);
        Assert.Equal(0, defaults.Embeddings);
    }

    [Fact]
    public void ModelParams_Defaults_ReadBack()
    {
        var defaults = LlamaApi.llama_model_default_params();
        Assert.Equal(-1, defaults.GpuLayerCount);
        Assert.Equal(-1, defaults.LoadMode);
        Assert.Equal(1, defaults.UseExtraBuffers);
        Assert.Equal(0, defaults.VocabularyOnly);
        Assert.Equal(0, defaults.CheckTensors);
    }

    [Fact]
    public void ThreadPoolParams_Defaults_ReadBack()
    {
        GgmlThreadPoolParams defaults;
        LlamaApi.ggml_threadpool_params_init(&defaults, 3);
        Assert.Equal(0, defaults.CpuMask[511]);
        Assert.Equal(3, defaults.ThreadCount);
        Assert.Equal(0, defaults.Priority);
        Assert.Equal(50u, defaults.Poll);
        Assert.Equal(0, defaults.StrictCpu);
        Assert.Equal(0, defaults.Paused);
    }

    [Fact]
    public void Structs_Sizes_AreThoseOfTheHeader()
    {
        // Counted by hand from the header for 64-bit platforms.
        Assert.Equal(80, Unsafe.SizeOf<LlamaModelParams>());
        Assert.Equal(160, Unsafe.SizeOf<LlamaContextParams>());
        Assert.Equal(56, Unsafe.SizeOf<LlamaBatch>());
        Assert.Equal(528, Unsafe.SizeOf<GgmlThreadPoolParams>());
    }

    [Fact]
    public void FindFault_OtherRelease_NamesBoth()
    {
        var fault = LlamaLibrary.FindFault("0.4.2", "somewhere");
        Assert.Contains("0.4.2", fault, StringComparison.Ordinal);
        Assert.Contains(LlamaLibrary.Release, fault, StringComparison.Ordinal);
        Assert.Null(LlamaLibrary.FindFault("0.5.0-dev", "somewhere"));
        Assert.Null(LlamaLibrary.FindFault("0.5.0", "somewhere"));
    }

    [Fact]
    public void FindFault_EmptyFolder_SaysWhatMendsIt()
    {
        var folder = Directory.CreateTempSubdirectory("modelrunner-empty").FullName;
        var fault = LlamaLibrary.FindFault(folder);
        Directory.Delete(folder);
        Assert.Contains("npm", fault, StringComparison.Ordinal);
        Assert.Contains(LlamaLibrary.PathVariable, fault, StringComparison.Ordinal);
    }
}
