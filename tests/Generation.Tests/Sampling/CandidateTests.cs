using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Sampling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Sampling;

/// <summary>What the truncations keep of large vocabularies, against sorting.</summary>
public sealed class CandidateTests
{
    public static TheoryData<string, SamplingOptions> Settings => new()
    {
        { "top_k 1", new() { TopK = 1 } },
        { "top_k 40", new() { TopK = 40 } },
        { "top_k 500", new() { TopK = 500 } },
        { "top_k most", new() { TopK = 20_000 } },
        { "top_p .95", new() { TopP = 0.95f } },
        { "top_p .3", new() { TopP = 0.3f } },
        { "min_p", new() { MinP = 0.02f } },
        { "typical_p .7", new() { TypicalP = 0.7f } },
        { "typical_p .95", new() { TypicalP = 0.95f } },
        { "all", new() { TopK = 200, TypicalP = 0.95f, TopP = 0.9f, MinP = 0.01f } },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Apply_LargeVocabularies_KeepsWhatSortingKeeps(string name, SamplingOptions options)
    {
        var random = new Random(11);
        for (var round = 0; round < Campaign.Count(12, 200); round++)
        {
            var logits = Shape(round % 6, random.Next(20_001, 32_000), random);
            var expected = ReferenceSampler.Probabilities(logits, options, [], 0, _ => true);
            var kept = Kept(logits, options);

            // Sums are rounded differently, so a set may differ where it reaches p to the seventh digit: by one token.
            var differences = Enumerable.Range(0, logits.Length).Count(token => kept[token] != expected[token] > 0);
            var isExact = options.TopP == 1 && options.TypicalP == 1;
            Assert.True(differences <= (isExact ? 0 : 1), $"{name}, round {round}: {differences} tokens differ");
        }
    }

    [Fact]
    public void Apply_EqualLogits_KeepsLowestIds()
    {
        var logits = new float[5000];
        logits[17] = -0f;
        AssertFirst(10, Kept(logits, new SamplingOptions { TopK = 10 }));
        AssertFirst(4000, Kept(logits, new SamplingOptions { TopK = 4000 }));
        AssertFirst(2500, Kept(logits, new SamplingOptions { TopP = 0.5f }));
    }

    private static void AssertFirst(int count, bool[] kept)
    {
        Assert.DoesNotContain(false, kept[..count]);
        Assert.DoesNotContain(true, kept[count..]);
    }

    private static bool[] Kept(float[] logits, SamplingOptions options)
    {
        var workspace = new SamplerWorkspace(logits.Length);
        var candidates = new Candidates(logits, workspace);
        var max = VocabularyScan.Max(logits);
        var hasWeights = Truncation.Apply(ref candidates, options, MathF.Log(options.MinP), ref max, workspace);
        var kept = new bool[logits.Length];
        for (var i = 0; i < candidates.Count; i++)
        {
            kept[candidates.TokenAt(i)] = float.IsFinite(candidates.Logits[i]);
            Assert.True(!hasWeights || candidates.Weights[i] > 0 == float.IsFinite(candidates.Logits[i]));
        }

        Assert.Equal(max, VocabularyScan.Max(candidates.Logits));
        return kept;
    }

    /// <summary>Logits as models give them, and as they do not.</summary>
    private static float[] Shape(int shape, int size, Random random)
    {
        var logits = new float[size];
        for (var i = 0; i < size; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
            logits[i] = shape switch
            {
                0 => (float)(3 * normal),
                1 => (float)(0.1 * normal),
                2 => MathF.Round((float)(2 * normal)),
                3 => 10f * i / size,
                4 => i % 997 == 0 ? 15 + (float)normal : (float)normal,
                _ => random.Next(3) == 0 ? float.NegativeInfinity : (float)normal * 5,
            };
        }

        return logits;
    }
}
