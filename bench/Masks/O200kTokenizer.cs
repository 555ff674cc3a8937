using System.IO.Compression;
using System.Reflection;
using System.Text;
using Microsoft.ML.Tokenizers;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Bench.Masks;

/// <summary>The vocabulary of 200,000 tokens that the masks are timed with.</summary>
internal sealed class O200kTokenizer : ITokenizer
{
    private const int EndOfText = 199999;
    private const int Size = 200019;

    private readonly TiktokenTokenizer _tokenizer = TiktokenTokenizer.CreateForEncoding("o200k_base");
    private readonly byte[][] _bytes = ReadVocabulary();

    public int VocabularySize => Size;

    public int BeginOfSequence => -1;

    public int EndOfSequence => EndOfText;

    public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
    {
        var text = new StringBuilder();
        foreach (var segment in segments)
            text.Append(segment.Text);

        return [.. _tokenizer.EncodeToIds(text.ToString())];
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => (uint)token < Size ? _bytes[token] : default;

    public string GetText(int token) => Encoding.UTF8.GetString(GetBytes(token).Span);

    public bool IsEndOfGeneration(int token) => token == EndOfText;

    public bool IsControl(int token) => token is EndOfText or Size - 1;

    private static byte[][] ReadVocabulary()
    {
        var assembly = Assembly.Load("Microsoft.ML.Tokenizers.Data.O200kBase");
        var name = assembly.GetManifestResourceNames().Single(name => name.Contains("tiktoken", StringComparison.Ordinal));
        using var resource = assembly.GetManifestResourceStream(name)!;
        using var stream = name.EndsWith("deflate", StringComparison.Ordinal) ? (Stream)new DeflateStream(resource, CompressionMode.Decompress) : resource;
        using var reader = new StreamReader(stream);
        var bytes = new byte[Size][];
        Array.Fill(bytes, []);
        var next = 0;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line.StartsWith("Capacity", StringComparison.Ordinal))
                continue;

            // "base64 rank", or the base64 alone where the rank is the line's number.
            var space = line.IndexOf(' ');
            var rank = space < 0 ? next : int.Parse(line[(space + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            bytes[rank] = Convert.FromBase64String(space < 0 ? line : line[..space]);
            next = rank + 1;
        }

        return bytes;
    }
}
