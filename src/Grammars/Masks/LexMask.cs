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
    public static LexMask Make(LexSet set, Lexer lexer, TokenTrie trie, Span<ulong> mask)
    {
        var crossings = new Dictionary<AcceptSet, List<int>>();
        var path = new LexSet[trie.MaxLength + 1];
        path[0] = set;
        mask.Clear();
        var (values, depths, tokens, ends) = (trie.Values, trie.Depths, trie.Tokens, trie.Ends);
        for (var node = 0; node < values.Length;)
        {
            var depth = depths[node];
            var current = path[depth];
            var step = current.Next[values[node]] ?? lexer.Step(current, values[node]);
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

        return new LexMask(
            new TokenBits(mask),
            [.. crossings.Select(pair => (Array.ConvertAll(pair.Key.Matches, match => IndexOf(set, match.Terminal)), pair.Value.ToArray()))]);
    }

    private static int IndexOf(LexSet set, Terminal terminal) =>
        Array.FindIndex(set.Entries, entry => entry.Terminal == terminal);
}
