using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Engines.LlamaCpp.Native;
using ModelRunner.Testing;

namespace ModelRunner.Engines.LlamaCpp.Tests;

/// <summary>
/// Any function of libllama may log, and so call back. A call without a GC transition must not: the runtime ends the
/// process then, which happened at the first change of the thread count.
/// </summary>
public sealed unsafe class CallbackTests
{
    [Fact]
    public void SetThreads_LogsFromNativeCode_AndTheProcessLives()
    {
        Assert.True(LlamaLibrary.Load(null, NullLogger.Instance).IsAvailable);
        using var model = new ModelHandle(LlamaApi.llama_model_load_from_file(FixtureModels.Tiny, LlamaApi.llama_model_default_params()));
        using var context = new ContextHandle(LlamaApi.llama_init_from_model(model.Pointer, LlamaApi.llama_context_default_params()), model);

        for (var i = 0; i < 100; i++)
            LlamaApi.llama_set_n_threads(context.Pointer, 1, 1);

        Assert.NotEqual(0, LlamaApi.llama_get_memory(context.Pointer));
    }
}
