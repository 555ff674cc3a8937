using System.Text;
using ModelRunner.Generation.Text;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Text;

public sealed class CharacterAssemblyTests
{
    public static TheoryData<string> HardBytes =>
    [
        "68C3A9E282ACF09F98802E", // h é € emoji .
        "80BFC0AFC1BFE08080E09F80", // stray and overlong
        "EDA080EDBFBFF0808080F4908080F5FF", // surrogates, above U+10FFFF
        "C3C3A9E282E282ACF09F98F09F9880F09F", // cut characters, then whole ones
        "E1A0C0F48FBFC341F09F41EFBFBDEFBBBF", // maximal subparts before ASCII, U+FFFD and U+FEFF themselves
        "F48FBFBFEFBFBFE0A080C280DF", // the largest and smallest of each length
    ];

    [Theory]
    [MemberData(nameof(HardBytes))]
    public void Push_EverySplitInThree_EqualsWholeDecode(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var expected = Encoding.UTF8.GetString(bytes);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                Assert.Equal(expected, PushAll([bytes[..first], bytes[first..second], bytes[second..]]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(HardBytes))]
    public void Push_SingleBytes_EqualsWholeDecode(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(Encoding.UTF8.GetString(bytes), PushAll(bytes.Select(value => new[] { value })));
    }

    [Fact]
    public void Push_RandomBytesRandomSplits_EqualsWholeDecode()
    {
        var random = new Random(17);
        byte[] hard = [0x41, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0x90, 0x8F, 0xFF, 0xEF];
        for (var round = 0; round < Campaign.Count(20_000, 1_000_000); round++)
        {
            var bytes = new byte[random.Next(24)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = random.Next(4) == 0 ? (byte)random.Next(256) : hard[random.Next(hard.Length)];
            }

            Assert.Equal(Encoding.UTF8.GetString(bytes), PushAll(TextSplits.Random(bytes, random)));
        }
    }

    [Fact]
    public void Push_WholeToken_SharesItsMemory()
    {
        var token = Encoding.UTF8.GetBytes("né");
        var text = new OutputText([]);
        text.Push(token, canStop: true, out var piece);
        Assert.True(piece.Memory.Equals(token));
    }

    [Fact]
    public void Push_WholeTokens_AllocatesNothing()
    {
        byte[][] tokens = [.. "one| tokén|, 字|.".Split('|').Select(Encoding.UTF8.GetBytes)];
        AssertNoAllocation(new OutputText([]), tokens);
    }

    [Fact]
    public void Push_SplitCharactersAndWithheldText_AllocatesNothing()
    {
        byte[][] tokens = [[0xF0, 0x9F], [0x98, 0x80, 0xFF], [(byte)'s', (byte)'t'], [(byte)'o'], [(byte)'x', 0xC3]];
        AssertNoAllocation(new OutputText(["stop", "xyz"]), tokens);
    }

    private static void AssertNoAllocation(OutputText text, byte[][] tokens)
    {
        for (var round = 0; round < 200; round++)
        {
            PushQuietly(text, tokens);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 200; round++)
        {
            PushQuietly(text, tokens);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void PushQuietly(OutputText text, byte[][] tokens)
    {
        foreach (var token in tokens)
        {
            text.Push(token, canStop: true, out var piece);
            piece.Return();
        }
    }

    private static string PushAll(IEnumerable<byte[]> tokens)
    {
        var text = new OutputText([]);
        var joined = new StringBuilder();
        // Strict: a piece with half a character or an invalid byte throws.
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        foreach (var token in tokens)
        {
            Assert.False(text.Push(token, canStop: true, out var piece));
            joined.Append(strict.GetString(piece.Memory.Span));
            piece.Return();
        }

        joined.Append(strict.GetString(text.Finish().Memory.Span));
        return joined.ToString();
    }
}
