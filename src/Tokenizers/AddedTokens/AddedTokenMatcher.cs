using System.Buffers;
using ModelRunner.Tokenizers.Models;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.AddedTokens;

/// <summary>Finds added tokens in a text: the leftmost, and of several there the longest. Immutable, thread-safe.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly AddedToken[] _tokens;
    private readonly PairTable _trie;
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">The tokens with the content that is looked for, which is not empty.</param>
    public AddedTokenMatcher(IReadOnlyList<(AddedToken Token, string Content)> tokens)
    {
        _tokens = [.. tokens.Select(token => token.Token)];
        _firsts = SearchValues.Create([.. tokens.Select(token => token.Content[0]).Distinct()]);
        _trie = new PairTable(tokens.Sum(token => token.Content.Length));
        var nodes = 1;
        for (var i = 0; i < _tokens.Length; i++)
        {
            var content = tokens[i].Content;
            for (int j = 0, node = 0; j < content.Length; j++)
            {
                if (!_trie.TryGet(node, content[j], out var child, out var ending))
                    (child, ending) = (nodes++, -1);
                _trie.Set(node, content[j], child, j + 1 == content.Length ? i : ending);
                node = child;
            }
        }

        HasSpecial = Array.Exists(_tokens, token => token.IsSpecial);
    }

    /// <summary>Whether one of them is a control token, so that trust matters.</summary>
    public bool HasSpecial { get; }

    /// <summary>
    /// The next match at or behind <paramref name="from"/>, with the white space that it takes along.
    /// </summary>
    public bool TryFind(ReadOnlySpan<char> text, TextTrust trust, int from, out AddedToken token, out int start, out int end)
    {
        for (var search = from; search < text.Length && text[search..].IndexOfAny(_firsts) is var offset and >= 0;)
        {
            start = search + offset;
            if (TryMatch(text, trust, start, out token, out end))
            {
                while (token.StripsLeft && start > from && char.IsWhiteSpace(text[start - 1]))
                    start--;
                while (token.StripsRight && end < text.Length && char.IsWhiteSpace(text[end]))
                    end++;
                return true;
            }

            search = start + 1;
        }

        (token, start, end) = (null!, -1, -1);
        return false;
    }

    private bool TryMatch(ReadOnlySpan<char> text, TextTrust trust, int start, out AddedToken token, out int end)
    {
        (token, end) = (null!, -1);
        var node = 0;
        for (var i = start; i < text.Length && _trie.TryGet(node, text[i], out node, out var ending); i++)
        {
            if (ending < 0)
                continue;
            var candidate = _tokens[ending];
            if (candidate.IsSpecial && !trust.Covers(start, i + 1))
                continue;
            if (candidate.IsSingleWord && !IsWord(text, start, i + 1))
                continue;
            (token, end) = (candidate, i + 1);
        }

        return end >= 0;
    }

    private static bool IsWord(ReadOnlySpan<char> text, int start, int end) =>
        (start == 0 || !CodePointSets.RustWord.Contains(CodePoint.Before(text, start, out _)))
        && (end == text.Length || !CodePointSets.RustWord.Contains(CodePoint.At(text, end, out _)));
}
