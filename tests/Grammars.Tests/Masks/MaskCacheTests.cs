using ModelRunner.Grammars.Masks;

namespace ModelRunner.Grammars.Tests.Masks;

public sealed class MaskCacheTests
{
    private const int Words = 128;

    private readonly Random _random = new(1);

    [Fact]
    public void MakeBits_BehindManyOddMasks_StillFindsWhatAMaskIsLike()
    {
        // Regression: the first masks were the only ones that others could be made from, however odd they were.
        var cache = new MaskCache(capacityInBytes: 64 * Words * sizeof(ulong));
        for (var i = 0; i < 100; i++)
            cache.Add((UInt128)i, new LexMask(cache.MakeBits(OddMask()), []));

        var mask = OddMask();
        Assert.True(cache.MakeBits(mask).IsWhole);
        mask[3] ^= 0b101;
        var like = cache.MakeBits(mask);

        Assert.False(like.IsWhole);
        Assert.True(like.SizeInBytes < 100);
        var filled = new ulong[Words];
        like.AddTo(filled);
        Assert.Equal(mask, filled);
    }

    private ulong[] OddMask() => [.. Enumerable.Range(0, Words).Select(_ => (ulong)_random.NextInt64() << 1)];
}
