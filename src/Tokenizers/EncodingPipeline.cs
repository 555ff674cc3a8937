using System.Collections.Concurrent;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Tokenizers.AddedTokens;
using ModelRunner.Tokenizers.Models;
using ModelRunner.Tokenizers.Normalizers;
using ModelRunner.Tokenizers.PreTokenizers;

namespace ModelRunner.Tokenizers;

/// <summary>
/// Text to tokens: added tokens that are looked for in the text as it is, then normalization, added tokens in the
/// normalized text, pre-tokenization, the model. Thread-safe.
/// </summary>
internal sealed class EncodingPipeline
{
    // A larger buffer is left to the garbage collector.
    private const int MaximumKeptCapacity = 1 << 20;

    private readonly Normalizer? _normalizer;
    private readonly PreTokenizer[] _preTokenizers;
    private readonly WordCache _model;
    private readonly AddedTokenMatcher _plain;
    private readonly AddedTokenMatcher _normalized;
    private readonly ConcurrentBag<PieceBuffer> _buffers = [];

    public EncodingPipeline(Normalizer? normalizer, PreTokenizer? preTokenizer, SubwordModel model, IReadOnlyList<AddedToken> added)
    {
        _normalizer = normalizer;
        _preTokenizers = [.. new[] { preTokenizer, model.Refinement }.OfType<PreTokenizer>()];
        _model = new WordCache(model);
        _plain = new AddedTokenMatcher([.. added.Where(token => !token.IsNormalized).Select(token => (token, token.Content))]);
        _normalized = new AddedTokenMatcher(
            [
                .. from token in added
                   where token.IsNormalized
                   let content = Normalize(token.Content)
                   where content.Length > 0
                   select (token, content),
            ]);
    }

    public List<int> Encode(ReadOnlySpan<TextSegment> segments)
    {
        var text = Join(segments, out var trust);
        var tokens = new List<int>((text.Length / 3) + 8);
        if (!_buffers.TryTake(out var buffer))
            buffer = new PieceBuffer();

        var from = 0;
        while (_plain.TryFind(text, trust, from, out var token, out var start, out var end))
        {
            EncodeSection(text, trust, from, start, buffer, tokens);
            tokens.Add(token.Id);
            from = end;
        }

        EncodeSection(text, trust, from, text.Length, buffer, tokens);
        if (buffer.Capacity <= MaximumKeptCapacity)
            _buffers.Add(buffer);
        return tokens;
    }

    private static string Join(ReadOnlySpan<TextSegment> segments, out TextTrust trust)
    {
        var length = 0;
        var ranges = new List<(int, int)>();
        foreach (var segment in segments)
        {
            if (segment.IsTrusted)
                ranges.Add((length, length + segment.Text.Length));
            length += segment.Text.Length;
        }

        trust = new TextTrust(ranges);
        var characters = new char[length];
        var rest = characters.AsSpan();
        foreach (var segment in segments)
        {
            segment.Text.CopyTo(rest);
            rest = rest[segment.Text.Length..];
        }

        Unicode.CodePoint.Repair(characters);
        return new string(characters);
    }

    private void EncodeSection(string text, TextTrust trust, int start, int end, PieceBuffer buffer, List<int> tokens)
    {
        if (start == end)
            return;
        var section = text[start..end];
        var normalized = Normalize(section);
        var normalizedTrust = _normalized.HasSpecial ? Follow(section, normalized, trust.Slice(start, end)) : default;

        var from = 0;
        while (_normalized.TryFind(normalized, normalizedTrust, from, out var token, out var found, out var foundEnd))
        {
            EncodePlain(normalized.AsSpan(from, found - from), start + from == 0, buffer, tokens);
            tokens.Add(token.Id);
            from = foundEnd;
        }

        EncodePlain(normalized.AsSpan(from), start + from == 0, buffer, tokens);
    }

    private void EncodePlain(ReadOnlySpan<char> text, bool isFirst, PieceBuffer buffer, List<int> tokens)
    {
        buffer.Reset(text, isFirst);
        foreach (var preTokenizer in _preTokenizers)
            preTokenizer.Apply(buffer);
        foreach (var piece in buffer.Pieces)
            _model.Encode(buffer[piece], tokens);
    }

    private string Normalize(string text) => _normalizer is null ? text : _normalizer.Normalize(text);

    // Where the trusted ranges of a text are once it is normalized. A boundary is where the normalized text before it
    // ends; where that does not lead into the whole one, characters on both sides have joined, and nothing is trusted.
    private TextTrust Follow(string text, string normalized, TextTrust trust)
    {
        if (_normalizer is null || trust.Covers(0, text.Length))
            return _normalizer is null ? trust : new TextTrust([(0, normalized.Length)]);

        var ranges = new List<(int, int)>();
        foreach (var (start, end) in trust.Ranges)
            if (TryMap(start, out var mappedStart) && TryMap(end, out var mappedEnd))
                ranges.Add((mappedStart, mappedEnd));
        return new TextTrust(ranges);

        bool TryMap(int boundary, out int mapped)
        {
            var before = boundary == text.Length ? normalized : Normalize(text[..boundary]);
            mapped = before.Length;
            return normalized.StartsWith(before, StringComparison.Ordinal);
        }
    }
}
