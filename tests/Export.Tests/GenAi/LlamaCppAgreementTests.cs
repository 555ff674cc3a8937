using ModelRunner.Testing;

namespace ModelRunner.Export.Tests.GenAi;

/// <summary>The same GGUF in llama.cpp, and converted in ONNX Runtime.</summary>
public sealed class LlamaCppAgreementTests
{
    [Theory]
    [InlineData("llama", RopeScaling.None)]
    [InlineData("llama", RopeScaling.Linear)]
    [InlineData("llama", RopeScaling.Yarn)]
    [InlineData("llama", RopeScaling.PerPair)]
    [InlineData("qwen2", RopeScaling.None)]
    [InlineData("qwen2", RopeScaling.Yarn)]
    [InlineData("qwen3", RopeScaling.None)]
    [InlineData("smollm3", RopeScaling.None)]
    public void Decode_Architecture_GivesTheSameLogits(string architecture, RopeScaling scaling)
    {
        var gguf = FixtureModels.Get(new RandomModelOptions
        {
            Architecture = architecture,
            RopeScaling = scaling,
            NormDeviation = 0.2f,
            Shape = ModelShape.Tiny with { LayerCount = 4, ContextLength = 128 },
        });
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => 3 + i * 83 % 500)];
        using var decoder = new OnnxDecoder(FixtureModels.GetGenAi(gguf));

        Assert.InRange(LogitDistance.Largest(LlamaModel.Decode(gguf, tokens), decoder.Decode(tokens)), 0, 1e-3);
    }
}
