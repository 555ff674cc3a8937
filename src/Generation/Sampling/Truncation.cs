using System.Numerics.Tensors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Sampling;

/// <summary>The steps that take unlikely tokens out of the draw.</summary>
internal static class Truncation
{
    // Stands in for negative infinity where that would be multiplied by a weight of zero.
    private const float Impossible = -1e30f;

    // Of the best token's weight: in most rows of real models fewer than a thousand tokens have more.
    private const float Noticeable = 1f / 4096;

    /// <summary>Runs the steps that the options ask for.</summary>
    /// <param name="candidates">Without NaN and positive infinity, at least one above negative infinity.</param>
    /// <param name="options">The settings.</param>
    /// <param name="logMinP">Natural logarithm of min_p.</param>
    /// <param name="max">The best logit, kept up to date.</param>
    /// <param name="workspace">Scratch memory.</param>
    /// <returns>Whether the candidates' weights are up to date: exp(logit - max), or 0.</returns>
    public static bool Apply(
        ref Candidates candidates, SamplingOptions options, float logMinP, ref float max, SamplerWorkspace workspace)
    {
        if (options.TopK > 0 && options.TopK < candidates.Count)
        {
            var scratch = workspace.Scores.AsSpan(0, candidates.Count);
            candidates.Keep(
                candidates.Logits,
                CandidateCut.TopK(candidates.Logits, options.TopK, max, scratch, workspace.RankKeys));
        }

        if (options.TypicalP < 1)
        {
            KeepTypical(ref candidates, options.TypicalP, max, workspace);
            max = VocabularyScan.Max(candidates.Logits);
        }

        var hasWeights = options.TopP < 1;
        if (hasWeights)
        {
            KeepNucleus(ref candidates, options.TopP, max, workspace);
        }

        if (options.MinP > 0)
        {
            var threshold = max + logMinP;
            var count = VocabularyScan.CountAtLeast(candidates.Logits, threshold);
            candidates.Keep(candidates.Logits, new CandidateCut(threshold, int.MaxValue, count));
        }

        return hasWeights;
    }

    private static void KeepNucleus(ref Candidates candidates, float topP, float max, SamplerWorkspace workspace)
    {
        var weights = candidates.Weights;
        var total = SoftmaxWeights.Fill(candidates.Logits, max, 1, weights);
        var target = topP * total;

        // Where few tokens weigh enough together, the cut is among them: one pass instead of one for each bisection.
        var isPeaked = VocabularyScan.SumAtLeast(weights, weights, Noticeable, out var noticeable) >= target
            && candidates.KeepFew(weights, new CandidateCut(Noticeable, int.MaxValue, noticeable));

        // All weights below this one together weigh less than (1 - p) of the total. A little lower, because
        // the sums are rounded.
        var low = isPeaked ? Noticeable : (float)((total - target) / candidates.Count * 0.999);
        weights = candidates.Weights;
        candidates.Keep(weights, CandidateCut.Find(weights, weights, target, low, 1, workspace.RankKeys));
    }

    private static void KeepTypical(ref Candidates candidates, float typicalP, float max, SamplerWorkspace workspace)
    {
        var total = SoftmaxWeights.Fill(candidates.Logits, max, 1, candidates.Weights);
        var target = typicalP * total;

        // With d = logit - max: log p = d - log(total), and the entropy H is log(total) - E[d]. So
        // |-log p - H| = |E[d] - d|. The candidates that are no farther from E[d] than the best token, or than a
        // noticeable one, are those above a threshold: where they weigh enough and are few, the cut is among them.
        var mean = VocabularyScan.WeightedMean(candidates.Logits, candidates.Weights, max, Impossible, total);
        var threshold = max + (float)(mean - Math.Max(-mean, -Math.Log(Noticeable)));
        if (VocabularyScan.SumAtLeast(candidates.Logits, candidates.Weights, threshold, out var near) >= target)
        {
            candidates.KeepFew(candidates.Logits, new CandidateCut(threshold, int.MaxValue, near));
        }

        // In blocks, which stay in the first-level cache from one operation to the next.
        var scores = workspace.Scores.AsSpan(0, candidates.Count);
        for (var start = 0; start < scores.Length; start += VocabularyScan.BlockSize)
        {
            var length = Math.Min(VocabularyScan.BlockSize, scores.Length - start);
            var block = scores.Slice(start, length);
            TensorPrimitives.Subtract(candidates.Logits.Slice(start, length), max, block);
            TensorPrimitives.Max(block, Impossible, block);
            TensorPrimitives.Subtract(block, (float)mean, block);
            TensorPrimitives.Abs(block, block);
            TensorPrimitives.Negate(block, block);
        }

        var best = VocabularyScan.Max(scores);
        candidates.Keep(
            scores,
            CandidateCut.Find(scores, candidates.Weights, target, Impossible / 2, best, workspace.RankKeys));
    }
}
