using System.Text;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Testing;

/// <summary>Every byte as a token, and control tokens behind them: the end first, then the markers of a format.</summary>
public sealed class ByteTokenizer(params string[] markers) : ITokenizer
{
    /// <summary>The token that ends.</summary>
    public const int End = 256;

    private const string EndText = "<end>";

    private static readonly byte[][] Bytes = [.. Enumerable.Range(0, 256).Select(static value => new[] { (byte)value })];

    public int VocabularySize => 257 + markers.Length;

    public int BeginOfSequence => -1;

    public int EndOfSequence => End;

    public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
    {
        var tokens = new List<int>();
        foreach (var segment in segments)
        {
            for (var rest = segment.Text; rest.Length > 0;)
            {
                var marker = segment.IsTrusted ? Array.FindIndex(markers, text => rest.StartsWith(text, StringComparison.Ordinal)) : -1;
                var length = marker >= 0 ? markers[marker].Length : char.IsHighSurrogate(rest[0]) && rest.Length > 1 ? 2 : 1;
                if (marker >= 0)
                    tokens.Add(End + 1 + marker);
                else
                    tokens.AddRange(Encoding.UTF8.GetBytes(rest[..length]).Select(static value => (int)value));

                rest = rest[length..];
            }
        }

        return [.. tokens];
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => (uint)token < 256 ? Bytes[token] : default;

    public string GetText(int token) => token switch
    {
        < 0 => "",
        < 256 => Encoding.UTF8.GetString(Bytes[token]),
        End => EndText,
        _ => token < VocabularySize ? markers[token - End - 1] : "",
    };

    public bool IsEndOfGeneration(int token) => token == End;

    public bool IsControl(int token) => token >= End;
}
