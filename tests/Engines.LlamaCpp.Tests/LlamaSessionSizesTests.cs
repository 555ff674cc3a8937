using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class LlamaSessionSizesTests
{
    // SmolLM2-360M: 32 layers, 5 of 15 heads have keys and values, 64 elements each.
    private static readonly KvShape Shape = new(32 * 5 * (64 + 64), HeadCount: 15, TrainedLength: 8192);

    [Theory]
    [InlineData(null, KvCacheType.Auto, false, false, false)]
    [InlineData(null, KvCacheType.Auto, true, false, null)]
    [InlineData(null, KvCacheType.Q8, false, false, true)]
    [InlineData(null, KvCacheType.Auto, true, true, false)]
    [InlineData(true, KvCacheType.Auto, false, false, true)]
    [InlineData(false, KvCacheType.Auto, true, false, false)]
    public void Choose_FlashAttention_FollowsTheUserThenTheMachine(
        bool? wanted, KvCacheType kvType, bool usesGpu, bool isDeterministic, bool? expected)
    {
        var options = LoadedModel.Options(4, 1000) with { FlashAttention = wanted, KvCacheType = kvType, Deterministic = isDeterministic };
        Assert.Equal(expected, LlamaSessionSizes.Choose(options, Shape, usesGpu).FlashAttention);
    }

    [Fact]
    public void Choose_WithoutFlashAttention_CountsTheScores()
    {
        // 15 heads of 128 tokens over 1,024 cells, which 1,000 are rounded up to, in F32.
        var sizes = LlamaSessionSizes.Choose(LoadedModel.Options(4, 1000), Shape, usesGpu: false);
        Assert.Equal(128, sizes.MicroBatchTokens);
        Assert.Equal(15L * 128 * 1024 * 4, sizes.ScoresSizeInBytes);

        // Pooled, each token is held against all cells.
        var pooled = LlamaSessionSizes.Choose(LoadedModel.Options(4, 1000, KvCacheLayout.Pooled), Shape, usesGpu: false);
        Assert.Equal(15L * 128 * pooled.TotalLength * 4, pooled.ScoresSizeInBytes);
        Assert.Equal(0, LlamaSessionSizes.Choose(LoadedModel.Options(4, 1000) with { FlashAttention = true }, Shape, false).ScoresSizeInBytes);
    }

    [Fact]
    public void Choose_SequencesOfTheirOwn_HaveASpareStream()
    {
        Assert.Equal(5, LlamaSessionSizes.Choose(LoadedModel.Options(4, 1000), Shape, false).StreamCount);
        Assert.Equal(1, LlamaSessionSizes.Choose(LoadedModel.Options(1, 1000), Shape, false).StreamCount);
        Assert.Equal(256, LlamaSessionSizes.Choose(LoadedModel.Options(256, 1000), Shape, false).StreamCount);
        Assert.Equal(4, LlamaSessionSizes.Choose(LoadedModel.Options(4, 1000, KvCacheLayout.Pooled), Shape, false).StreamCount);
    }
}
