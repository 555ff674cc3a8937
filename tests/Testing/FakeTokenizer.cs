using System.Text;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Testing;

/// <summary>A small vocabulary: token 0 ends, 1 and 2 are the halves of a character, the rest are letters.</summary>
public sealed class FakeTokenizer(int vocabularySize) : ITokenizer
{
    public const int End = 0;

    private readonly ReadOnlyMemory<byte>[] _bytes = [.. Enumerable.Range(0, vocabularySize).Select(MakeBytes)];

    public int VocabularySize => vocabularySize;

    public int BeginOfSequence => -1;

    public int EndOfSequence => End;

    public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
    {
        var text = new StringBuilder();
        foreach (var segment in segments)
            text.Append(segment.Text);

        return [.. text.ToString().Select(letter => 3 + ((letter - 'a') % (vocabularySize - 3)))];
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => (uint)token < (uint)vocabularySize ? _bytes[token] : default;

    public string GetText(int token) => token == End ? "<end>" : Encoding.UTF8.GetString(GetBytes(token).Span);

    public bool IsEndOfGeneration(int token) => token == End;

    public bool IsControl(int token) => token == End;

    private static ReadOnlyMemory<byte> MakeBytes(int token) => token switch
    {
        End => default,
        1 => new byte[] { 0xC3 },
        2 => new byte[] { 0xA9 },
        _ => new[] { (byte)('a' + ((token - 3) % 26)) },
    };
}
