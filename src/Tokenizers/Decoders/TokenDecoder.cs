using System.Globalization;
using System.Text;
using ModelRunner.Tokenizers.Patterns;

namespace ModelRunner.Tokenizers.Decoders;

/// <summary>
/// The bytes that one token adds to a text, in the middle of it. What a decoder does to the text's first and last
/// token alone, such as leaving out the space that a normalizer put before it, is not a token's own.
/// </summary>
internal abstract class TokenDecoder
{
    /// <summary>Rewrites what a token stands for.</summary>
    public abstract byte[] Decode(byte[] token);

    public sealed class Chain(IReadOnlyList<TokenDecoder> steps) : TokenDecoder
    {
        public override byte[] Decode(byte[] token)
        {
            foreach (var step in steps)
                token = step.Decode(token);
            return token;
        }
    }

    /// <summary>Leaves tokens as they are.</summary>
    public sealed class Identity : TokenDecoder
    {
        public override byte[] Decode(byte[] token) => token;
    }

    /// <summary>From the <see cref="ByteAlphabet"/>; a token that is not written in it stays.</summary>
    public sealed class ByteLevel : TokenDecoder
    {
        public override byte[] Decode(byte[] token) => ByteAlphabet.Decode(Encoding.UTF8.GetString(token)) ?? token;
    }

    /// <summary>From <c>&lt;0xHH&gt;</c>.</summary>
    public sealed class ByteFallback : TokenDecoder
    {
        public override byte[] Decode(byte[] token) =>
            token.Length == 6 && token.AsSpan().StartsWith("<0x"u8) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                ? [value]
                : token;
    }

    public sealed class ReplaceText(string pattern, string content) : TokenDecoder
    {
        public override byte[] Decode(byte[] token)
        {
            // A single byte may be no text by itself.
            var text = Encoding.UTF8.GetString(token);
            return text.Contains(pattern, StringComparison.Ordinal)
                ? Encoding.UTF8.GetBytes(text.Replace(pattern, content, StringComparison.Ordinal))
                : token;
        }
    }

    public sealed class ReplacePattern(Pattern pattern, string content) : TokenDecoder
    {
        private readonly Normalizers.Normalizer.ReplacePattern _replace = new(pattern, content);

        public override byte[] Decode(byte[] token)
        {
            var text = Encoding.UTF8.GetString(token);
            var replaced = _replace.Normalize(text);
            return replaced == text ? token : Encoding.UTF8.GetBytes(replaced);
        }
    }

    /// <summary>Cuts off up to so many times a character at both ends of each token.</summary>
    public sealed class Strip(byte[] content, int start, int end) : TokenDecoder
    {
        public override byte[] Decode(byte[] token)
        {
            var rest = token.AsSpan();
            for (var i = 0; i < start && rest.StartsWith(content); i++)
                rest = rest[content.Length..];
            for (var i = 0; i < end && rest.EndsWith(content); i++)
                rest = rest[..^content.Length];
            return rest.ToArray();
        }
    }

    /// <summary>A token with the prefix continues a word, every other one begins with a space.</summary>
    public sealed class WordPiece(byte[] prefix) : TokenDecoder
    {
        public override byte[] Decode(byte[] token) =>
            token.AsSpan().StartsWith(prefix) ? token[prefix.Length..] : [(byte)' ', .. token];
    }
}
