using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's precompiled character map: a double-array trie (as Darts-clone lays it out) from UTF-8 prefixes to
/// offsets into the replacements, which end with zero bytes.
/// </summary>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private const int MaximumGraphemeBytes = 6;

    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    /// <exception cref="FormatException">The map is not whole.</exception>
    public PrecompiledNormalizer(ReadOnlySpan<byte> map)
    {
        if (map.Length < 4)
            throw new FormatException("is too short");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(map);
        if (size % 4 != 0 || size == 0 || size > (uint)(map.Length - 4))
            throw new FormatException("names a size of its trie that it cannot hold");

        _trie = new uint[size / 4];
        for (var i = 0; i < _trie.Length; i++)
            _trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (i * 4))..]);
        _replacements = map[(int)(4 + size)..].ToArray();
    }

    public override string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[4 * MaximumGraphemeBytes];
        for (var i = 0; i < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text.AsSpan(i));
            var grapheme = text.AsSpan(i, length);
            i += length;

            // The reference looks up short grapheme clusters whole, and takes the shortest prefix that the map has.
            if (length <= MaximumGraphemeBytes && Encoding.UTF8.GetBytes(grapheme, utf8) is var count && count < MaximumGraphemeBytes
                && TryAppend(utf8[..count], result))
                continue;

            for (var j = 0; j < length;)
            {
                CodePoint.At(grapheme, j, out var pointLength);
                var point = grapheme.Slice(j, pointLength);
                if (!TryAppend(utf8[..Encoding.UTF8.GetBytes(point, utf8)], result))
                    result.Append(point);
                j += pointLength;
            }
        }

        return result.ToString();
    }

    private bool TryAppend(ReadOnlySpan<byte> utf8, StringBuilder result)
    {
        var offset = FindShortest(utf8);
        if (offset < 0 || offset > _replacements.Length)
            return false;
        var replacement = _replacements.AsSpan(offset);
        var end = replacement.IndexOf((byte)0);
        result.Append(Encoding.UTF8.GetString(end < 0 ? replacement : replacement[..end]));
        return true;
    }

    // A unit holds a label in its low byte (with the top bit, for a leaf), an offset, and a flag for "has a leaf".
    private int FindShortest(ReadOnlySpan<byte> key)
    {
        var position = GetOffset(_trie[0]);
        foreach (var value in key)
        {
            if (value == 0)
                return -1;
            position ^= value;
            if (position >= _trie.Length || (_trie[position] & 0x800000FF) != value)
                return -1;
            var unit = _trie[position];
            position ^= GetOffset(unit);
            if (((unit >> 8) & 1) != 0)
                return position < _trie.Length ? (int)(_trie[position] & 0x7FFFFFFF) : -1;
        }

        return -1;
    }

    private static uint GetOffset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);
}
