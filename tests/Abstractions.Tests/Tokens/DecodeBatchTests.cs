using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Abstractions.Tests.Tokens;

public sealed class DecodeBatchTests
{
    private const int Vocabulary = 10;
    private static readonly int[] Lengths = [3, 0, 7];

    private static readonly SessionLimits Limits = new()
    {
        MaxSequences = 3,
        MaxBatchTokens = 6,
        MaxSequenceLength = 8,
        KvLayout = KvLayout.PerSequence(8),
        PrefixCopy = PrefixCopy.None,
        CanTruncate = true,
        PreferredChunk = 4,
    };

    private readonly DecodeBatch _batch = new(16, 4);

    [Fact]
    public void Add_RowsOfEachKind_AreNumberedInOrder()
    {
        Assert.Equal(-1, _batch.Add(0, 3, [1, 2], LogitRows.None));
        Assert.Equal(0, _batch.Add(1, 0, [1, 2, 3], LogitRows.All));
        Assert.Equal(3, _batch.Add(2, 7, [4], LogitRows.Last));
        Assert.Equal((6, 3, 4), (_batch.TokenCount, _batch.Count, _batch.RowCount));
        Assert.Equal([1, 2, 3], _batch.TokensOf(_batch.Entries[1]).ToArray());
    }

    [Fact]
    public void Add_NoTokenOrTooMany_ThrowsAndChangesNothing()
    {
        Assert.Throws<ArgumentException>(() => _batch.Add(0, 0, [], LogitRows.Last));
        Assert.Throws<ArgumentException>(() => _batch.Add(0, 0, new int[17], LogitRows.Last));
        Assert.Equal((0, 0), (_batch.TokenCount, _batch.Count));
    }

    [Fact]
    public void Check_WhatFits_Passes()
    {
        _batch.Add(2, 7, [9], LogitRows.Last);
        _batch.Add(0, 3, [0, 1, 2, 3, 4], LogitRows.All);
        _batch.Check(Limits, Vocabulary, Lengths);

        // What a batch held before counts for nothing.
        _batch.Clear();
        _batch.Add(2, 7, [9], LogitRows.Last);
        _batch.Check(Limits, Vocabulary, Lengths);
    }

    [Theory]
    [InlineData("1 to 6 tokens, not 7", 0, 3, 4, 1, 0, 3)]
    [InlineData("sequence 3 is out of range", 3, 0, 1)]
    [InlineData("sequence -1 is out of range", -1, 0, 1)]
    [InlineData("sequence 0 is out of range or twice", 0, 3, 1, 0, 3, 1)]
    [InlineData("Position 2 is not the length 3", 0, 2, 1)]
    [InlineData("Position -1 is not the length 0", 1, -1, 1)]
    [InlineData("Sequence 2 would pass 8", 2, 7, 2)]
    public void Check_EntryThatDoesNotFit_SaysWhy(string reason, params int[] entries)
    {
        for (var i = 0; i < entries.Length; i += 3)
            _batch.Add(entries[i], entries[i + 1], new int[entries[i + 2]], LogitRows.Last);
        Assert.Contains(reason, Refuse(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Check_TokenOutsideTheVocabulary_NamesIt(int token)
    {
        _batch.Add(0, 3, [1, token], LogitRows.Last);
        Assert.Contains($"token {token} ", Refuse(), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_EmptyBatch_IsRefused() => Assert.Contains("not 0", Refuse(), StringComparison.Ordinal);

    private string Refuse() => Assert.Throws<ArgumentException>(() => _batch.Check(Limits, Vocabulary, Lengths)).Message;
}
