using System.Text;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars.Masks;

/// <summary>The tokens of what a grammar leaves no choice about.</summary>
internal static class ForcedText
{
    private const int MaxBytes = 256;
    private const int ContextTokens = 8;

    // Tokens at the end of the forced text that a longer token might have covered are left to the model: with four,
    // llguidance found none of 10,000 texts tokenized in another way than the tokenizer's own.
    private const int MaxHealedTokens = 4;

    /// <summary>The tokens, possibly none. The text behind <paramref name="state"/> is tokenized in its context.</summary>
    public static int[] Find(CompiledGrammar grammar, Configuration state, List<int> before)
    {
        if (state.IsAccepting && state.Threads.Length == 0)
            return grammar.Vocabulary.EndTokens is [var end, ..] ? [end] : [];

        var first = grammar.Machine.GetForcedByte(state);
        if (first < 0)
            return [];

        var text = new List<byte>();
        for (var next = first; next >= 0 && text.Count < MaxBytes; next = grammar.Machine.GetForcedByte(state))
        {
            text.Add((byte)next);
            state = grammar.Machine.Step(state, (byte)next);
        }

        var isEnd = state.IsAccepting && state.Threads.Length == 0;
        var tokens = Tokenize(grammar.Vocabulary, [.. text], before);
        return isEnd ? tokens : Heal(grammar.Vocabulary, tokens, [.. text]);
    }

    private static int[] Tokenize(TokenVocabulary vocabulary, byte[] text, List<int> before)
    {
        var context = new List<byte>();
        foreach (var token in before.Skip(Math.Max(before.Count - ContextTokens, 0)))
            context.AddRange(vocabulary.Tokenizer.GetBytes(token).Span);

        var joined = Encoding.UTF8.GetString([.. context, .. text]);
        var tokens = vocabulary.Tokenizer.Encode([new TextSegment(joined, false)], addSpecial: false);

        // The part behind the context counts when a token begins exactly there; else the text stands alone.
        var (length, start) = (0, 0);
        while (start < tokens.Length && length < context.Count)
            length += vocabulary.Tokenizer.GetBytes(tokens[start++]).Length;

        var tail = tokens.AsSpan(start);
        return length == context.Count && Spells(vocabulary, tail, text) ? tail.ToArray() : Greedy(vocabulary, text);
    }

    private static bool Spells(TokenVocabulary vocabulary, ReadOnlySpan<int> tokens, ReadOnlySpan<byte> text)
    {
        foreach (var token in tokens)
        {
            var bytes = vocabulary.Tokenizer.GetBytes(token).Span;
            if (bytes.IsEmpty || !text.StartsWith(bytes))
                return false;
            text = text[bytes.Length..];
        }

        return text.IsEmpty;
    }

    private static int[] Greedy(TokenVocabulary vocabulary, ReadOnlySpan<byte> text)
    {
        var tokens = new List<int>();
        while (!text.IsEmpty)
        {
            var token = vocabulary.Trie.FindLongest(text, out var length);
            if (token < 0)
                break;

            tokens.Add(token);
            text = text[length..];
        }

        return [.. tokens];
    }

    /// <summary>Drops tokens at the end from which a longer token of the vocabulary could run on past the forced text.</summary>
    private static int[] Heal(TokenVocabulary vocabulary, int[] tokens, ReadOnlySpan<byte> text)
    {
        var kept = tokens.Length;
        var length = 0;
        foreach (var token in tokens)
            length += vocabulary.Tokenizer.GetBytes(token).Length;

        var start = length;
        for (var i = tokens.Length - 1; i >= Math.Max(tokens.Length - MaxHealedTokens, 0); i--)
        {
            start -= vocabulary.Tokenizer.GetBytes(tokens[i]).Length;
            var node = vocabulary.Trie.Find(text[start..length]);
            if (node >= 0 && vocabulary.Trie.Ends[node] > node + 1)
                kept = i;
        }

        return tokens[..kept];
    }
}
