using System.Buffers;
using System.Text;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Models;

/// <summary>
/// The most probable split under a unigram language model, by Viterbi's algorithm. T. Kudo, "Subword Regularization",
/// 2018, section 3.2.
/// </summary>
internal sealed class UnigramModel : SubwordModel
{
    // Of the reference: an unknown character costs this much more than the least probable token.
    private const double UnknownPenalty = 10;

    private readonly PairTable _trie;
    private readonly double[] _scores;
    private readonly int[] _bytes;
    private readonly int _unknown;
    private readonly double _unknownScore;

    /// <param name="tokens">Text and log probability by id.</param>
    /// <param name="vocabulary">The same by text: where one occurs twice, the last holds.</param>
    /// <param name="unknown">The token of unknown text, or -1.</param>
    /// <param name="byteFallback">Whether unknown text becomes its bytes.</param>
    public UnigramModel(IReadOnlyList<(string Text, double Score)> tokens, Vocabulary vocabulary, int unknown, bool byteFallback)
    {
        _scores = [.. tokens.Select(token => token.Score)];
        _unknownScore = _scores.DefaultIfEmpty().Min() - UnknownPenalty;
        _unknown = unknown;
        _bytes = byteFallback ? vocabulary.FindBytes() : [];

        // Nodes are numbered as they come; an entry leads to a node and the token that ends there.
        _trie = new PairTable(tokens.Sum(token => token.Text.Length));
        var nodes = 1;
        foreach (var (text, id) in vocabulary.Ids)
        {
            var node = 0;
            for (var i = 0; i < text.Length; i++)
            {
                if (!_trie.TryGet(node, text[i], out var child, out var ending))
                    (child, ending) = (nodes++, -1);
                _trie.Set(node, text[i], child, i + 1 == text.Length ? id : ending);
                node = child;
            }
        }
    }

    public override void Encode(ReadOnlySpan<char> piece, List<int> tokens)
    {
        var best = ArrayPool<Step>.Shared.Rent(piece.Length + 1);
        best.AsSpan(0, piece.Length + 1).Fill(new Step(0, -1, -1));
        for (var start = 0; start < piece.Length;)
        {
            CodePoint.At(piece, start, out var width);
            if (!TryTokens(piece, start, width, best))
                Improve(ref best[start + width], best[start].Score + _unknownScore, start, _unknown);
            start += width;
        }

        Trace(piece, best, tokens);
        ArrayPool<Step>.Shared.Return(best);
    }

    // Whether one of the tokens is the single character.
    private bool TryTokens(ReadOnlySpan<char> piece, int start, int width, Step[] best)
    {
        var hasSingle = false;
        var node = 0;
        for (var end = start; end < piece.Length && _trie.TryGet(node, piece[end], out var child, out var id); end++, node = child)
        {
            if (id < 0)
                continue;
            Improve(ref best[end + 1], best[start].Score + _scores[id], start, id);
            hasSingle |= end + 1 - start == width;
        }

        return hasSingle;
    }

    private static void Improve(ref Step step, double score, int start, int id)
    {
        if (step.Start < 0 || score > step.Score)
            step = new Step(score, start, id);
    }

    private void Trace(ReadOnlySpan<char> piece, Step[] best, List<int> tokens)
    {
        var first = tokens.Count;
        for (var end = piece.Length; end > 0;)
        {
            var (_, start, id) = best[end];

            // Unknown characters in a row are one token.
            while (id == _unknown && start > 0 && best[start].Id == _unknown)
                start = best[start].Start;
            if (id != _unknown)
                tokens.Add(id);
            else if (!TryAddBytesBackwards(piece[start..end], tokens) && _unknown >= 0)
                tokens.Add(_unknown);
            end = start;
        }

        tokens.Reverse(first, tokens.Count - first);
    }

    private bool TryAddBytesBackwards(ReadOnlySpan<char> text, List<int> tokens)
    {
        if (_bytes.Length == 0)
            return false;
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        if (Array.Exists(utf8, value => _bytes[value] < 0))
            return false;
        for (var i = utf8.Length - 1; i >= 0; i--)
            tokens.Add(_bytes[utf8[i]]);
        return true;
    }

    private readonly record struct Step(double Score, int Start, int Id);
}
