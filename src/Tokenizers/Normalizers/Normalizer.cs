using System.Text;
using ModelRunner.Tokenizers.Patterns;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Normalizers;

/// <summary>Rewrites text before it is split. Immutable, thread-safe.</summary>
internal abstract class Normalizer
{
    public abstract string Normalize(string text);

    public sealed class Chain(IReadOnlyList<Normalizer> steps) : Normalizer
    {
        public override string Normalize(string text)
        {
            foreach (var step in steps)
                text = step.Normalize(text);
            return text;
        }
    }

    public sealed class Form(NormalizationForm form) : Normalizer
    {
        public override string Normalize(string text) => UnicodeNormalization.Normalize(text, form);
    }

    /// <summary>The full lower case of each character by itself.</summary>
    public sealed class Lowercase : Normalizer
    {
        public override string Normalize(string text) =>
            // The one character whose lower case is two: the capital dotted I.
            text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
    }

    public sealed class Strip(bool left, bool right) : Normalizer
    {
        public override string Normalize(string text) => (left, right) switch
        {
            (true, true) => text.Trim(),
            (true, false) => text.TrimStart(),
            (false, true) => text.TrimEnd(),
            _ => text,
        };
    }

    public sealed class Prepend(string prefix) : Normalizer
    {
        public override string Normalize(string text) => text.Length == 0 ? text : prefix + text;
    }

    public sealed class ReplaceText(string pattern, string content) : Normalizer
    {
        public override string Normalize(string text) => text.Replace(pattern, content, StringComparison.Ordinal);
    }

    public sealed class ReplacePattern(Pattern pattern, string content) : Normalizer
    {
        public override string Normalize(string text)
        {
            var matches = new List<(int Start, int End)>();
            pattern.FindAll(text, matches);
            if (matches.Count == 0)
                return text;

            var result = new StringBuilder(text.Length);
            var end = 0;
            foreach (var match in matches)
            {
                result.Append(text, end, match.Start - end).Append(content);
                end = match.End;
            }

            return result.Append(text, end, text.Length - end).ToString();
        }
    }

    /// <summary>Leaves out the code points of a set.</summary>
    public sealed class Remove(CodePointSet set) : Normalizer
    {
        public override string Normalize(string text)
        {
            if (System.Text.Ascii.IsValid(text))
                return text;
            var result = new StringBuilder(text.Length);
            for (var i = 0; i < text.Length;)
            {
                var point = CodePoint.At(text, i, out var length);
                if (!set.Contains(point))
                    result.Append(text, i, length);
                i += length;
            }

            return result.ToString();
        }
    }

    /// <summary>Writes the UTF-8 bytes in the alphabet of byte-level vocabularies.</summary>
    public sealed class Bytes : Normalizer
    {
        public override string Normalize(string text) => ByteAlphabet.Encode(text);
    }
}
