namespace ModelRunner.Generation.Scheduling;

/// <summary>What the planner has to know of one sequence with a slot.</summary>
/// <param name="PendingCount">Tokens that are not in the KV cache yet.</param>
/// <param name="IsDecoding">Whether they are generated ones, which go first and together.</param>
/// <param name="MaxCount">Tokens that it may have in this step at most; 0 for one that must not run.</param>
internal readonly record struct PlanInput(int PendingCount, bool IsDecoding, int MaxCount);

/// <summary>The bounds of one step.</summary>
/// <param name="MaxTokens">Tokens of the step.</param>
/// <param name="MaxKvTokens">Tokens that the KV cache still takes.</param>
/// <param name="PrefillChunk">Prompt tokens of the step; 0 asks for decode rows alone, where there are any.</param>
/// <param name="MinContinuation">The shortest piece that a longer prompt may be cut into.</param>
/// <param name="ShortestFirst">Whether the prompt with the least left goes first, before those that came earlier.</param>
internal readonly record struct StepBounds(int MaxTokens, int MaxKvTokens, int PrefillChunk, int MinContinuation, bool ShortestFirst);

/// <summary>Divides one step's tokens among sequences: decode first, then prompt chunks in what is left. Pure.</summary>
internal static class StepPlanner
{
    /// <summary>Plans a step.</summary>
    /// <param name="sequences">In order of arrival.</param>
    /// <param name="firstDecode">Where the round of decode rows begins, for steps that do not hold all of them.</param>
    /// <param name="bounds">The bounds.</param>
    /// <param name="counts">Receives the tokens of each sequence; 0 for those that sit out.</param>
    public static void Plan(ReadOnlySpan<PlanInput> sequences, int firstDecode, in StepBounds bounds, Span<int> counts)
    {
        counts[..sequences.Length].Clear();
        var free = Math.Min(bounds.MaxTokens, bounds.MaxKvTokens);
        var prefillFloor = PrefillFloor(sequences, bounds);
        for (var i = 0; i < sequences.Length; i++)
        {
            var index = (firstDecode + i) % sequences.Length;
            var sequence = sequences[index];
            if (!sequence.IsDecoding || sequence.MaxCount == 0)
                continue;

            // All or nothing: the logits that follow belong to the last pending token.
            if (sequence.PendingCount <= free - prefillFloor || (sequence.PendingCount <= free && i == 0))
            {
                counts[index] = sequence.PendingCount;
                free -= sequence.PendingCount;
            }
        }

        if (bounds.PrefillChunk == 0 && free < Math.Min(bounds.MaxTokens, bounds.MaxKvTokens))
            return;

        var chunk = Math.Min(free, Math.Max(bounds.PrefillChunk, prefillFloor));
        if (bounds.ShortestFirst && FindShortestPrompt(sequences) is >= 0 and var shortest)
            chunk -= counts[shortest] = Cut(sequences[shortest], chunk, bounds.MinContinuation);

        for (var index = 0; index < sequences.Length && chunk > 0; index++)
            if (IsPrompt(sequences[index]) && counts[index] == 0)
                chunk -= counts[index] = Cut(sequences[index], chunk, bounds.MinContinuation);
    }

    private static bool IsPrompt(in PlanInput sequence) => !sequence.IsDecoding && sequence.MaxCount > 0;

    private static int FindShortestPrompt(ReadOnlySpan<PlanInput> sequences)
    {
        var shortest = -1;
        for (var i = 0; i < sequences.Length; i++)
            if (IsPrompt(sequences[i]) && (shortest < 0 || sequences[i].PendingCount < sequences[shortest].PendingCount))
                shortest = i;

        return shortest;
    }

    /// <summary>The largest piece of at most so many tokens that leaves, and is, nothing shorter than min.</summary>
    private static int Cut(in PlanInput sequence, int chunk, int min)
    {
        var max = Math.Min(chunk, sequence.MaxCount);
        if (sequence.PendingCount <= max)
            return sequence.PendingCount;

        var count = Math.Min(max, sequence.PendingCount - min);
        return count >= min ? count : 0;
    }

    /// <summary>Tokens kept for a prompt, so that many decode rows cannot starve it: the least that can always be cut.</summary>
    private static int PrefillFloor(ReadOnlySpan<PlanInput> sequences, in StepBounds bounds)
    {
        foreach (var sequence in sequences)
            if (IsPrompt(sequence))
                return (2 * bounds.MinContinuation) - 1;

        return 0;
    }
}
