using System.Text;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Tokenizers.Tests;

internal static class TokenizerCalls
{
    public static int[] Trusted(this ITokenizer tokenizer, string text, bool addSpecial = false) =>
        tokenizer.Encode([TextSegment.Trusted(text)], addSpecial);

    public static int[] Input(this ITokenizer tokenizer, string text) => tokenizer.Encode([TextSegment.Input(text)], addSpecial: false);

    public static string[] Names(this ITokenizer tokenizer, IEnumerable<int> tokens) => [.. tokens.Select(tokenizer.GetText)];

    public static byte[] Bytes(this ITokenizer tokenizer, IEnumerable<int> tokens) =>
        [.. tokens.SelectMany(token => tokenizer.GetBytes(token).ToArray())];

    public static string Text(this ITokenizer tokenizer, IEnumerable<int> tokens) => Encoding.UTF8.GetString(tokenizer.Bytes(tokens));
}
