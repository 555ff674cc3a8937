using System.Text;
using ModelRunner.Generation.Text;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Text;

public sealed class StopStringTests
{
    public static TheoryData<string, string[]> Cases => new()
    {
        { "one two three", ["two"] },
        { "aaaaab", ["aab"] },
        { "abcabcabd tail", ["abcabd", "bcabe"] },
        { "xabcdy", ["abcd", "bc"] },
        { "xabcdy", ["cd", "abcd", "d"] },
        { "xabcx", ["abcd", "bce"] },
        { "say 漢字😀 end", ["字😀"] },
        { "é漢é漢字", ["é漢字", "漢é漢é"] },
        { "stop", ["stop"] },
        { "sto", ["stop"] },
        { "a\n\nUser: b", ["\nUser:", "\n\nUser:"] },
        { "no stop at all", ["zzz"] },
        { "ababab", ["abababab", "bab"] },
        { "x", [""] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Push_EverySplitInTwo_EqualsDefinition(string text, string[] stops)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var split = 0; split <= bytes.Length; split++)
        {
            AssertDefinition([bytes[..split], bytes[split..]], stops);
        }
    }

    [Fact]
    public void Push_RandomTextsStopsSplits_EqualsDefinition()
    {
        var random = new Random(5);
        string[] letters = ["a", "b", "c", "é", "漢", "😀", "\uFFFD"];
        for (var round = 0; round < Campaign.Count(30_000, 1_000_000); round++)
        {
            var stops = new string[random.Next(1, 5)];
            for (var i = 0; i < stops.Length; i++)
            {
                stops[i] = RandomText(letters, random, random.Next(1, 6));
            }

            var bytes = Encoding.UTF8.GetBytes(RandomText(letters, random, random.Next(20)));
            if (bytes.Length > 0 && random.Next(3) == 0)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            AssertDefinition(TextSplits.Random(bytes, random), stops, random);
        }
    }

    [Fact]
    public void Push_StopBeginsBeforeMinimum_CountsInLaterToken()
    {
        var text = new OutputText(["abc"]);
        Assert.False(text.Push("xab"u8.ToArray(), canStop: false, out var first));
        Assert.True(text.Push("cd"u8.ToArray(), canStop: true, out var second));
        Assert.Equal("x", Encoding.UTF8.GetString(first.Memory.Span) + Encoding.UTF8.GetString(second.Memory.Span));
    }

    [Fact]
    public void Push_AfterStop_Throws()
    {
        var text = new OutputText(["a"]);
        Assert.True(text.Push("a"u8.ToArray(), canStop: true, out _));
        Assert.Throws<InvalidOperationException>(() => text.Push("b"u8.ToArray(), canStop: true, out _));
    }

    [Fact]
    public void Finish_AfterStop_IsEmpty()
    {
        var text = new OutputText(["ab", "bcd"]);
        Assert.True(text.Push("xabc"u8.ToArray(), canStop: true, out _));
        Assert.True(text.Finish().Memory.IsEmpty);
    }

    /// <summary>
    /// The definition, token by token on strings of bytes: the first end of a stop string among the bytes a token adds
    /// to the decoded text, the longest that ends there; until then everything but the longest suffix that begins one.
    /// </summary>
    private static void AssertDefinition(List<byte[]> tokens, string[] stops, Random? random = null)
    {
        var patterns = stops.Where(stop => stop.Length > 0).Select(Latin).ToList();
        var text = new OutputText(stops);
        var decoder = new UTF8Encoding(false).GetDecoder();
        var decoded = "";
        var released = "";
        foreach (var token in tokens)
        {
            var canStop = random is null || random.Next(4) > 0;
            var characters = new char[token.Length + 4];
            var count = decoder.GetChars(token, characters, flush: false);
            var before = decoded.Length;
            decoded += Latin(new string(characters, 0, count));
            var isStopped = text.Push(token, canStop, out var piece);
            released += Encoding.Latin1.GetString(piece.Memory.Span);
            piece.Return();

            for (var end = before + 1; canStop && end <= decoded.Length; end++)
            {
                var match = patterns.Where(pattern => decoded[..end].EndsWith(pattern, StringComparison.Ordinal))
                    .Select(pattern => pattern.Length).DefaultIfEmpty().Max();
                if (match > 0)
                {
                    Assert.True(isStopped);
                    Assert.Equal(decoded[..(end - match)], released);
                    return;
                }
            }

            Assert.False(isStopped);
            var withheld = patterns.SelectMany(pattern => Enumerable.Range(1, pattern.Length - 1)
                    .Where(length => decoded.EndsWith(pattern[..length], StringComparison.Ordinal)))
                .DefaultIfEmpty().Max();
            Assert.Equal(decoded[..^withheld], released);
        }

        var rest = new char[4];
        decoded += Latin(new string(rest, 0, decoder.GetChars([], rest, flush: true)));
        var last = text.Finish();
        Assert.Equal(decoded, released + Encoding.Latin1.GetString(last.Memory.Span));
        last.Return();
    }

    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static string RandomText(string[] letters, Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => letters[random.Next(letters.Length)]));
}
