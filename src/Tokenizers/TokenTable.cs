using System.Text;
using ModelRunner.Tokenizers.AddedTokens;
using ModelRunner.Tokenizers.Decoders;
using ModelRunner.Tokenizers.Models;

namespace ModelRunner.Tokenizers;

/// <summary>Text, bytes and kind of each token by id.</summary>
internal sealed class TokenTable
{
    private readonly string[] _texts;
    private readonly byte[][] _bytes;
    private readonly bool[] _isControl;

    public TokenTable(int size, Vocabulary vocabulary, IEnumerable<AddedToken> added, TokenDecoder decoder)
    {
        _texts = new string[size];
        _bytes = new byte[size][];
        _isControl = new bool[size];
        _texts.AsSpan().Fill("");
        _bytes.AsSpan().Fill([]);
        foreach (var (text, id) in vocabulary.Ids)
        {
            _texts[id] = text;
            _bytes[id] = decoder.Decode(Encoding.UTF8.GetBytes(text));
        }

        foreach (var token in added)
        {
            // An added token is plain text, which no alphabet of bytes was applied to; the signs of other decoders are.
            var utf8 = Encoding.UTF8.GetBytes(token.Content);
            _texts[token.Id] = token.Content;
            _isControl[token.Id] = token.IsSpecial;
            _bytes[token.Id] = token.IsSpecial ? [] : IsByteLevel(decoder) ? utf8 : decoder.Decode(utf8);
        }
    }

    public int Size => _texts.Length;

    public ReadOnlyMemory<byte> GetBytes(int token) => (uint)token < (uint)_bytes.Length ? _bytes[token] : default(ReadOnlyMemory<byte>);

    public string GetText(int token) => (uint)token < (uint)_texts.Length ? _texts[token] : "";

    public bool IsControl(int token) => (uint)token < (uint)_isControl.Length && _isControl[token];

    private static bool IsByteLevel(TokenDecoder decoder) => decoder is TokenDecoder.ByteLevel;
}
