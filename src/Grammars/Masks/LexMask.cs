using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars.Masks;

/// <summary>
/// What a lexer's state says about the vocabulary whatever the parser thinks: the tokens that stay within the
/// terminals under way or end with one, and the places in the trie where a terminal ends and tokens go on.
/// </summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Crossings">For each set of terminals that may end: indices of the state's entries, and trie nodes.</param>
internal sealed record LexMask(TokenBits Tokens, (int[] Entries, int[] Nodes)[] Crossings)
{
    public long SizeInBytes { get; } = Tokens.SizeInBytes + (Crossings.Sum(static crossing => (long)crossing.Nodes.Length) * sizeof(int)) + 128;

    /// <summary>Walks the trie once.</summary>
    public static LexMask Make(LexSet set, Lexer lexer, TokenVocabulary vocabulary, Span<ulong> mask)
    {
        var trie = vocabulary.Trie;
        var crossings = new Dictionary<AcceptSet, List<int>>();
        var path = new LexSet[trie.MaxLength + 1];
        path[0] = set;
        mask.Clear();
        var (values, depths, tokens, ends) = (trie.Values, trie.Depths, trie.Tokens, trie.Ends);
        for (var node = 0; node < values.Length;)
        {
            var depth = depths[node];
            var current = path[depth];
            var step = lexer.Step(current, values[node]);
            if (step == LexStep.Dead)
            {
                node = ends[node];
                continue;
            }

            if (tokens[node] >= 0)
                trie.Mark(tokens[node], mask);

            var end = ends[node];
            if (step.Accept is { } accept && end > node + 1)
            {
                if (!crossings.TryGetValue(accept, out var nodes))
                    crossings.Add(accept, nodes = []);
                nodes.Add(node);
            }

            if (step.Live is { } live)
            {
                path[depth + 1] = live;
                node++;
            }
            else
            {
                node = end;
            }
        }

        return Of(set, crossings, vocabulary.Cache.MakeBits(mask));
    }

    /// <summary>
    /// As <see cref="Make"/>, from the mask of a state that <paramref name="set"/> soon comes to for most texts: only
    /// where the two differ is the trie walked. A string that must not be one of some names is like any string, but
    /// for the texts that begin such a name; one of few characters is, but for the tokens that have more.
    /// </summary>
    public static LexMask MakeLike(LexSet set, LexSet like, LexMask known, Lexer lexer, TokenVocabulary vocabulary, Span<ulong> mask)
    {
        var trie = vocabulary.Trie;
        mask.Clear();
        known.Tokens.AddTo(mask);
        var crossings = new Dictionary<AcceptSet, List<int>>();
        var changed = new List<(int Start, int End)>();
        var path = new (LexSet? Own, LexSet? Like)[trie.MaxLength + 1];
        path[0] = (set, like);
        var (values, depths, tokens, ends) = (trie.Values, trie.Depths, trie.Tokens, trie.Ends);
        for (var node = 0; node < values.Length;)
        {
            var depth = depths[node];
            var (own, other) = path[depth];
            var step = own is null ? LexStep.Dead : lexer.Step(own, values[node]);
            var likeStep = other is null ? LexStep.Dead : lexer.Step(other, values[node]);
            var end = ends[node];
            if (step == likeStep || (step.Accept == likeStep.Accept && lexer.AreAlike(step.Live, likeStep.Live, trie.Heights[node])))
            {
                node = end;
                continue;
            }

            var isDead = step == LexStep.Dead;
            changed.Add((node, isDead ? end : node + 1));
            for (var i = node; i < (isDead ? end : node + 1); i++)
                if (tokens[i] >= 0)
                    trie.Mark(tokens[i], mask, !isDead);

            if (step.Accept is { } accept && end > node + 1)
            {
                if (!crossings.TryGetValue(accept, out var nodes))
                    crossings.Add(accept, nodes = []);
                nodes.Add(node);
            }

            path[depth + 1] = (step.Live, likeStep.Live);
            node = isDead ? end : node + 1;
        }

        foreach (var (entries, nodes) in known.Crossings)
        {
            var kept = Array.FindAll(nodes, node => !IsIn(changed, node));
            if (kept.Length == 0)
                continue;

            var accept = lexer.GetAccept(like, like, entries, null);
            if (!crossings.TryGetValue(accept, out var all))
                crossings.Add(accept, all = []);
            all.AddRange(kept);
        }

        return Of(set, crossings, vocabulary.Cache.MakeBits(mask));
    }

    private static LexMask Of(LexSet set, Dictionary<AcceptSet, List<int>> crossings, TokenBits tokens) => new(
        tokens,
        [.. crossings.Select(pair => (Array.ConvertAll(pair.Key.Matches, match => IndexOf(set, match.Terminal)), pair.Value.ToArray()))]);

    private static bool IsIn(List<(int Start, int End)> ranges, int node)
    {
        var (low, high) = (0, ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].End <= node)
                low = middle + 1;
            else
                high = middle;
        }

        return low < ranges.Count && ranges[low].Start <= node;
    }

    private static int IndexOf(LexSet set, Terminal terminal) =>
        Array.FindIndex(set.Entries, entry => entry.Terminal == terminal);
}
