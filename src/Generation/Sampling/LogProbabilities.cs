namespace ModelRunner.Generation.Sampling;

/// <summary>
/// Natural logarithms of probabilities, from the raw logits: what the model says, before any sampling setting. NaN
/// counts as impossible.
/// </summary>
public static class LogProbabilities
{
    /// <summary>Log softmax of the logits at one token.</summary>
    public static float Of(ReadOnlySpan<float> logits, int token) => At(logits[token], Normalizer(logits));

    /// <summary>
    /// Fills in the best tokens, best first, the lower id first among equals. Places beyond the possible tokens get
    /// token -1 and negative infinity.
    /// </summary>
    /// <returns>The log probability of <paramref name="token"/>.</returns>
    public static float Top(ReadOnlySpan<float> logits, int token, Span<(int Token, float LogProbability)> top)
    {
        var normalizer = Normalizer(logits);
        top.Fill((-1, float.NegativeInfinity));
        for (var start = 0; start < logits.Length && !top.IsEmpty; start += VocabularyScan.BlockSize)
        {
            // Most blocks hold nothing that is better than the worst found so far.
            var block = logits.Slice(start, Math.Min(VocabularyScan.BlockSize, logits.Length - start));
            if (VocabularyScan.Max(block) > top[^1].LogProbability)
            {
                for (var i = 0; i < block.Length; i++)
                {
                    if (block[i] > top[^1].LogProbability)
                    {
                        Insert(top, start + i, block[i]);
                    }
                }
            }
        }

        foreach (ref var entry in top)
        {
            entry.LogProbability = At(entry.LogProbability, normalizer);
        }

        return At(logits[token], normalizer);
    }

    private static void Insert(Span<(int Token, float Logit)> top, int token, float logit)
    {
        var place = top.Length - 1;
        for (; place > 0 && logit > top[place - 1].Logit; place--)
        {
            top[place] = top[place - 1];
        }

        top[place] = (token, logit);
    }

    private static float At(float logit, (float Max, double LogSum) normalizer) =>
        float.IsNaN(logit) || float.IsNegativeInfinity(normalizer.Max) ? float.NegativeInfinity
        : logit == normalizer.Max ? (float)-normalizer.LogSum
        : (float)((double)logit - normalizer.Max - normalizer.LogSum);

    private static (float Max, double LogSum) Normalizer(ReadOnlySpan<float> logits)
    {
        var max = VocabularyScan.Max(logits);
        if (float.IsInfinity(max))
        {
            return (max, Math.Log(logits.Count(max)));
        }

        Span<float> weights = stackalloc float[VocabularyScan.BlockSize];
        var sum = 0.0;
        for (var start = 0; start < logits.Length; start += VocabularyScan.BlockSize)
        {
            var block = logits.Slice(start, Math.Min(VocabularyScan.BlockSize, logits.Length - start));
            var blockSum = SoftmaxWeights.Fill(block, max, 1, weights);
            if (double.IsNaN(blockSum))
            {
                block.CopyTo(weights);
                LogitEdits.MakeFinite(weights[..block.Length]);
                blockSum = SoftmaxWeights.Fill(weights[..block.Length], max, 1, weights);
            }

            sum += blockSum;
        }

        return (max, Math.Log(sum));
    }
}
