using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Sampling;

/// <summary>
/// What one sequence needs to choose its tokens: its options and its penalty counts. One a sequence, used by the loop
/// thread only.
/// </summary>
/// <remarks>
/// The order of the steps; every step works on what the one before has left:
/// <list type="number">
/// <item>logit_bias is added (OpenAI; -100 and below forbids); banned and masked tokens are taken out.</item>
/// <item>Repetition penalty on the tokens of the window (Keskar et al., arXiv 1909.05858).</item>
/// <item>Frequency and presence penalty on generated tokens (OpenAI's formula).</item>
/// <item>Temperature 0: the best token, the lowest id among equals.</item>
/// <item>top_k, typical_p (arXiv 2202.00666), top_p (arXiv 1904.09751), min_p (arXiv 2407.01082), in llama.cpp's
/// default order (<c>common_params_sampling::samplers</c>): on the untempered distribution, renormalised over what is
/// left.</item>
/// <item>Temperature, then a draw by the inverse of the cumulative distribution in the order of ids.</item>
/// </list>
/// </remarks>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly ulong _seed;
    private readonly KeyValuePair<int, float>[] _bias;
    private readonly PenaltyCounts? _penalties;
    private readonly float _inverseTemperature;
    private readonly float _logMinP;

    public Sampler(SamplingOptions options, ulong seed)
    {
        _options = options;
        _seed = seed;
        _bias = [.. options.LogitBias];
        var repeats = options.RepetitionPenalty != 1 && options.PenaltyWindow != 0;
        if (repeats || options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
        {
            _penalties = new PenaltyCounts(options);
        }

        // Bounds that keep (logit - max) * scale from being 0 * infinity.
        _inverseTemperature = Math.Clamp(1 / options.Temperature, 1e-30f, 1e30f);
        _logMinP = options.MinP > 0 ? Math.Min(0, MathF.Log(options.MinP)) : float.NegativeInfinity;
    }

    /// <summary>
    /// Chooses a token; -1 when none has a logit above negative infinity. Pure in all that it is given: the draw
    /// depends on the seed and <paramref name="outputIndex"/>, not on earlier calls, so that neither batching nor
    /// preemption nor speculative verification changes it. NaN is never chosen.
    /// </summary>
    /// <param name="logits">One a token; only read.</param>
    /// <param name="mask">Bit t allows token t, [(V + 63) / 64]; empty allows everything.</param>
    /// <param name="banned">Tokens that must not be chosen; few.</param>
    /// <param name="history">The prompt and the output so far; extends that of the call before.</param>
    /// <param name="promptLength">Tokens of the prompt in the history.</param>
    /// <param name="outputIndex">Position of the token in the output.</param>
    /// <param name="workspace">Of at least this vocabulary.</param>
    public int Sample(
        ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<int> banned, ReadOnlySpan<int> history,
        int promptLength, int outputIndex, SamplerWorkspace workspace)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(logits.Length, workspace.VocabularySize);
        _penalties?.Advance(history, promptLength);
        var isGreedy = _options.Temperature == 0;
        var isEdited = _bias.Length > 0 || _penalties is not null || !mask.IsEmpty;
        if (isGreedy && !isEdited)
        {
            // Bans are rare winners (an end token before its time), so look first and copy only then.
            var best = VocabularyScan.IndexOfMax(logits);
            if (banned.IsEmpty || !banned.Contains(best))
            {
                return best;
            }
        }

        if (isEdited || !banned.IsEmpty)
        {
            var edited = workspace.Logits.AsSpan(0, logits.Length);
            Edit(logits, mask, banned, edited);
            logits = edited;
        }

        return isGreedy ? VocabularyScan.IndexOfMax(logits) : Draw(logits, outputIndex, workspace);
    }

    private void Edit(
        ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<int> banned, Span<float> edited)
    {
        if (mask.IsEmpty)
        {
            logits.CopyTo(edited);
        }
        else
        {
            LogitEdits.CopyAllowed(logits, mask, edited);
        }

        foreach (var (token, bias) in _bias)
        {
            if ((uint)token < (uint)edited.Length)
            {
                edited[token] = bias <= -100 ? float.NegativeInfinity : edited[token] + bias;
            }
        }

        LogitEdits.Ban(edited, banned);
        _penalties?.Apply(edited);
    }

    private int Draw(ReadOnlySpan<float> logits, int outputIndex, SamplerWorkspace workspace)
    {
        var max = VocabularyScan.Max(logits, out var hasNaN);
        if (hasNaN || float.IsPositiveInfinity(max))
        {
            var finite = workspace.Logits.AsSpan(0, logits.Length);
            logits.CopyTo(finite);
            LogitEdits.MakeFinite(finite);
            logits = finite;
            max = Math.Min(max, float.MaxValue);
        }

        if (float.IsNegativeInfinity(max))
        {
            return -1;
        }

        var candidates = new Candidates(logits, workspace);
        var hasWeights = Truncation.Apply(ref candidates, _options, _logMinP, ref max, workspace);
        var weights = candidates.Weights;
        var total = hasWeights && _options.Temperature == 1
            ? VocabularyScan.Sum(weights)
            : SoftmaxWeights.Fill(candidates.Logits, max, _inverseTemperature, weights);
        return candidates.TokenAt(Pick(weights, CounterRandom.Uniform(_seed, outputIndex) * total));
    }

    /// <summary>The first index at which the sum of the weights up to it exceeds the target.</summary>
    private static int Pick(ReadOnlySpan<float> weights, double target)
    {
        var sum = 0.0;
        var start = 0;
        for (; start + VocabularyScan.BlockSize < weights.Length; start += VocabularyScan.BlockSize)
        {
            var next = sum + VocabularyScan.Sum(weights.Slice(start, VocabularyScan.BlockSize));
            if (next > target)
            {
                break;
            }

            sum = next;
        }

        var last = -1;
        for (var i = start; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                last = i;
                sum += weights[i];
                if (sum > target)
                {
                    return i;
                }
            }
        }

        // Rounding can leave the last sum just below the target.
        return last >= 0 ? last : weights.LastIndexOfAnyExcept(0f);
    }
}
