using System.Text;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Grammars.Tests;

/// <summary>Every byte as a token, some longer pieces behind them, and an end of text last.</summary>
internal sealed class ByteVocabulary(params string[] pieces) : ITokenizer
{
    private readonly byte[][] _tokens =
    [
        .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }),
        .. pieces.Select(Encoding.UTF8.GetBytes),
        [],
    ];

    public static string[] JsonPieces { get; } =
    [
        "{\"", "\":", "\": ", "\", \"", "\",", "\"}", "}}", "]}", ", ", ": ", "[]", "{}", "true", "null", "fal", "se", "12", "00",
        "-1", ".5", "a", "ab", "abc", "name", "\"a\"", "\":\"", "é", "日本", "\\n", "\\u00", "e9", "  ", "\n  ", "\":[", "], \"", "1,", "2}", "\"b", "},{",
    ];

    public int VocabularySize => _tokens.Length;

    public int BeginOfSequence => -1;

    public int EndOfSequence => _tokens.Length - 1;

    public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
    {
        var text = new StringBuilder();
        foreach (var segment in segments)
            text.Append(segment.Text);

        return [.. Encoding.UTF8.GetBytes(text.ToString()).Select(static value => (int)value)];
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => (uint)token < (uint)_tokens.Length ? _tokens[token] : default;

    public string GetText(int token) => Encoding.UTF8.GetString(GetBytes(token).Span);

    public bool IsEndOfGeneration(int token) => token == EndOfSequence;

    public bool IsControl(int token) => token == EndOfSequence;
}
