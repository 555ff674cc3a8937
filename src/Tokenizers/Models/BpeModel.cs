using System.Text;
using ModelRunner.Tokenizers.PreTokenizers;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Models;

/// <summary>Byte-pair encoding over characters, which a byte-level vocabulary makes bytes.</summary>
internal sealed class BpeModel : SubwordModel
{
    private const int Untold = -2;

    private readonly BpeOptions _options;
    private readonly Vocabulary _vocabulary;
    private readonly PairTable _merges;
    private readonly int[] _bytes;
    private readonly int _unknown;

    // Tokens of one code point: a table for what is frequent, and all.
    private readonly int[] _frequentPoints = new int[0x400];
    private readonly Dictionary<int, int> _points;

    public BpeModel(Vocabulary vocabulary, PairTable merges, IReadOnlySet<int> crossings, BpeOptions options)
    {
        _options = options;
        _vocabulary = vocabulary;
        _merges = merges;
        _bytes = options.ByteFallback ? vocabulary.FindBytes() : [];
        _unknown = options.Unknown is { } unknown ? vocabulary.Find(unknown) : -1;
        _points = vocabulary.FindCodePoints();
        for (var point = 0; point < _frequentPoints.Length; point++)
            _frequentPoints[point] = _points.GetValueOrDefault(point, -1);

        var hasAffixes = options.Prefix.Length > 0 || options.Suffix.Length > 0;
        if (!hasAffixes && !options.IgnoreMerges && _points.ContainsKey(MetaspaceRefinement.Sign))
            Refinement = new MetaspaceRefinement(crossings);
    }

    public override PreTokenizer? Refinement { get; }

    public override void Encode(ReadOnlySpan<char> piece, List<int> tokens)
    {
        if (_options.IgnoreMerges && _vocabulary.Find(piece) is var whole and >= 0)
        {
            tokens.Add(whole);
            return;
        }

        var start = tokens.Count;
        var pending = Untold;
        for (var i = 0; i < piece.Length;)
        {
            var point = CodePoint.At(piece, i, out var length);
            var id = FindSymbol(piece, point, i, length);
            i += length;
            if (id < 0 && TryAddBytes(point, tokens))
                continue;
            if (id < 0)
            {
                if (pending != Untold && !_options.FuseUnknown)
                    tokens.Add(pending);
                pending = _unknown >= 0 ? _unknown : Untold;
                continue;
            }

            if (pending != Untold)
                tokens.Add(pending);
            pending = Untold;
            tokens.Add(id);
        }

        if (pending != Untold)
            tokens.Add(pending);
        BpeMerger.Merge(tokens, start, _merges);
    }

    private int FindSymbol(ReadOnlySpan<char> piece, int point, int index, int length)
    {
        var isFirst = index == 0;
        var isLast = index + length == piece.Length;
        if ((isFirst || _options.Prefix.Length == 0) && (!isLast || _options.Suffix.Length == 0))
            return (uint)point < (uint)_frequentPoints.Length ? _frequentPoints[point] : _points.GetValueOrDefault(point, -1);

        var text = piece.Slice(index, length);
        return _vocabulary.Find(string.Concat(isFirst ? "" : _options.Prefix, text, isLast ? _options.Suffix : ""));
    }

    private bool TryAddBytes(int point, List<int> tokens)
    {
        if (!_options.ByteFallback)
            return false;
        Span<byte> utf8 = stackalloc byte[4];
        utf8 = utf8[..new Rune(point).EncodeToUtf8(utf8)];
        foreach (var value in utf8)
            if (_bytes[value] < 0)
                return false;
        foreach (var value in utf8)
            tokens.Add(_bytes[value]);
        return true;
    }
}
