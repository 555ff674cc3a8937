using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Sampling;

namespace ModelRunner.Generation.Tests.Sampling;

public sealed class SamplerTests
{
    private const int Size = 5003;

    [Fact]
    public void Sample_GreedyTies_ChoosesLowestId()
    {
        foreach (var first in new[] { 0, 1, 7, 8, 1023, 1024, 3000, Size - 2 })
        {
            var logits = new float[Size];
            Array.Fill(logits, -1);
            logits[first] = logits[Size - 1] = 2;
            Assert.Equal(first, Choose(logits, SamplingOptions.Greedy));
        }
    }

    [Fact]
    public void Sample_GreedyNegativeZero_TiesWithZero()
    {
        Assert.Equal(1, Choose([-1, -0f, 0f], SamplingOptions.Greedy));
    }

    [Fact]
    public void Sample_GreedyNaN_IsSkipped()
    {
        var logits = new float[Size];
        Array.Fill(logits, float.NaN);
        logits[4000] = -5;
        Assert.Equal(4000, Choose(logits, SamplingOptions.Greedy));
        Assert.Equal(4000, Choose(logits, SamplingOptions.Default));
        Assert.Equal(4000, Choose(logits, new SamplingOptions { TopK = 3, TopP = 0.5f }));
    }

    [Fact]
    public void Sample_PositiveInfinity_IsChosen()
    {
        var logits = new float[Size];
        logits[77] = float.PositiveInfinity;
        Assert.Equal(77, Choose(logits, SamplingOptions.Greedy));
        Assert.Equal(77, Choose(logits, SamplingOptions.Default));
        Assert.Equal(77, Choose(logits, new SamplingOptions { TypicalP = 0.5f, MinP = 0.1f, Temperature = 5 }));
    }

    [Fact]
    public void Sample_TinyTemperature_ChoosesBest()
    {
        var logits = new float[Size];
        logits[9] = 1e-3f;
        Assert.Equal(9, Choose(logits, new SamplingOptions { Temperature = 1e-40f }));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-30f)]
    [InlineData(1e-6f)]
    public void Sample_SmallestTopP_ChoosesBest(float topP)
    {
        // Regression: 0 left no token in a row so flat that its cut had to be searched for, and the request failed.
        var random = new Random(3);
        foreach (var size in new[] { 24, 300, Size })
        {
            var logits = Enumerable.Range(0, size).Select(_ => (float)random.NextDouble()).ToArray();
            logits[size / 3] = 1.5f;
            Assert.Equal(size / 3, Choose(logits, new SamplingOptions { TopP = topP }));
            Assert.Equal(size / 3, Choose(logits, new SamplingOptions { TopP = topP, TopK = size - 1, MinP = 1e-20f }));
        }
    }

    [Theory]
    [InlineData(0f, 1f, 0f)]
    [InlineData(1e-30f, 0f, 1f)]
    [InlineData(1f, 0f, 0f)]
    [InlineData(0f, 0f, 0f)]
    public void Sample_Extremes_LeaveAToken(float typicalP, float topP, float minP)
    {
        var random = new Random(4);
        foreach (var size in new[] { 1, 24, 300, Size })
        {
            var logits = Enumerable.Range(0, size).Select(_ => (float)random.NextDouble()).ToArray();
            Assert.InRange(Choose(logits, new SamplingOptions { TypicalP = typicalP, TopP = topP, MinP = minP }), 0, size - 1);
            Array.Fill(logits, 2);
            Assert.InRange(Choose(logits, new SamplingOptions { TypicalP = typicalP, TopP = topP, MinP = minP }), 0, size - 1);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Sample_NothingPossible_ReturnsMinusOne(float temperature)
    {
        var options = new SamplingOptions { Temperature = temperature };
        var nothing = new float[Size];
        Array.Fill(nothing, float.NegativeInfinity);
        Assert.Equal(-1, Choose(nothing, options));
        Array.Fill(nothing, float.NaN);
        Assert.Equal(-1, Choose(nothing, options));
        Assert.Equal(-1, Choose(new float[Size], options, mask: new ulong[(Size + 63) / 64]));
        Assert.Equal(-1, Choose(new float[2], options, banned: [1, 0]));
    }

    [Fact]
    public void Sample_GreedyBannedWinner_ChoosesNext()
    {
        var logits = new float[Size];
        logits[10] = 3;
        logits[20] = 2;
        Assert.Equal(20, Choose(logits, SamplingOptions.Greedy, banned: [10]));
    }

    [Fact]
    public void Sample_Mask_AllowsOnlyItsTokens()
    {
        var random = new Random(2);
        var logits = new float[Size];
        foreach (ref var logit in logits.AsSpan())
        {
            logit = random.NextSingle();
        }

        foreach (var density in new[] { 0.01, 0.5, 0.99 })
        {
            var mask = new ulong[(Size + 63) / 64];
            var best = -1;
            for (var token = 0; token < Size; token++)
            {
                if (random.NextDouble() < density)
                {
                    mask[token / 64] |= 1UL << token;
                    best = best < 0 || logits[token] > logits[best] ? token : best;
                }
            }

            // Bits past the vocabulary allow nothing.
            mask[^1] |= ulong.MaxValue << (Size % 64);
            Assert.Equal(best, Choose(logits, SamplingOptions.Greedy, mask));
            for (var index = 0; index < 200; index++)
            {
                var token = Choose(logits, SamplingOptions.Default, mask, outputIndex: index);
                Assert.NotEqual(0UL, mask[token / 64] & (1UL << token));
            }
        }
    }

    [Fact]
    public void Sample_BiasOfMinusHundred_ForbidsTheOnlyCandidate()
    {
        var options = new SamplingOptions { LogitBias = new Dictionary<int, float> { [1] = -100, [9999] = 100 } };
        Assert.Equal(-1, Choose([float.NegativeInfinity, 1e20f], options));
    }

    [Fact]
    public void Sample_Logits_AreNotWritten()
    {
        var logits = new float[Size];
        logits[3] = float.NaN;
        logits[5] = float.PositiveInfinity;
        var before = logits.ToArray();
        Choose(logits, new SamplingOptions { TopK = 4000, TopP = 0.9f, RepetitionPenalty = 2 }, banned: [7]);
        Assert.Equal(before, logits);
    }

    [Fact]
    public void Sample_SameSeed_RepeatsWhateverWasDrawnBefore()
    {
        var logits = new float[Size];
        var forward = Enumerable.Range(0, 50).Select(i => Choose(logits, SamplingOptions.Default, outputIndex: i));
        var backward = Enumerable.Range(0, 50).Reverse()
            .Select(i => Choose(logits, SamplingOptions.Default, outputIndex: i)).Reverse();
        Assert.Equal(forward, backward);
        Assert.NotEqual(
            Choose(logits, SamplingOptions.Default, seed: 1), Choose(logits, SamplingOptions.Default, seed: 2));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Sample_GrowingHistory_EqualsFreshSampler(int window)
    {
        var options = new SamplingOptions
        {
            Temperature = 0, RepetitionPenalty = 1.3f, PenaltyWindow = window, FrequencyPenalty = 0.3f,
            PresencePenalty = 0.1f,
        };
        var random = new Random(window);
        var history = Enumerable.Range(0, 300).Select(_ => random.Next(60) * random.Next(60)).ToArray();
        var logits = Enumerable.Range(0, Size).Select(_ => (random.NextSingle() * 4) - 2).ToArray();
        var kept = new Sampler(options, 1);
        var workspace = new SamplerWorkspace(Size);
        for (var length = 20; length <= history.Length; length += random.Next(1, 4))
        {
            // The token itself says little, so the whole row of penalised logits is compared.
            var expected = ReferenceSampler.Probabilities(
                logits, options with { Temperature = 1 }, history[..length], 20, _ => true);
            kept.Sample(logits, [], [], history.AsSpan(0, length), 20, 0, workspace);
            var actual = ReferenceSampler.Probabilities(
                workspace.Logits, SamplingOptions.Default, [], 0, _ => true);
            for (var token = 0; token < Size; token++)
            {
                Assert.Equal(expected[token], actual[token], expected[token] * 1e-5);
            }
        }
    }

    public static TheoryData<SamplingOptions> AllocationSettings =>
    [
        SamplingOptions.Greedy,
        SamplingOptions.Default,
        new SamplingOptions
        {
            Temperature = 0.7f, TopK = 300, TypicalP = 0.9f, TopP = 0.95f, MinP = 0.01f, RepetitionPenalty = 1.1f,
            FrequencyPenalty = 0.1f, LogitBias = new Dictionary<int, float> { [4] = 1 },
        },
    ];

    [Theory]
    [MemberData(nameof(AllocationSettings))]
    public void Sample_SteadyState_AllocatesNothing(SamplingOptions options)
    {
        var random = new Random(4);
        var logits = Enumerable.Range(0, Size).Select(_ => random.NextSingle() * 8).ToArray();
        var history = Enumerable.Range(0, 600).Select(_ => random.Next(12)).ToArray();
        int[] banned = [3];
        var mask = new ulong[(Size + 63) / 64];
        Array.Fill(mask, 0xFFFF_0FFF_FFFF_FFFFUL);
        var sampler = new Sampler(options, 9);
        var workspace = new SamplerWorkspace(Size);
        var before = 0L;
        for (var i = 0; i < 500; i++)
        {
            before = i == 250 ? GC.GetAllocatedBytesForCurrentThread() : before;
            sampler.Sample(logits, mask, banned, history.AsSpan(0, 100 + i), 50, i, workspace);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Choose(
        float[] logits, SamplingOptions options, ulong[]? mask = null, int[]? banned = null, int outputIndex = 0,
        ulong seed = 7) =>
        new Sampler(options, seed).Sample(
            logits, mask, banned, [], 0, outputIndex, new SamplerWorkspace(logits.Length));
}
