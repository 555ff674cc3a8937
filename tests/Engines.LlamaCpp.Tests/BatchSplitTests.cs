using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class BatchSplitTests
{
    private readonly DecodeBatch _batch = new(64, 8);
    private readonly BatchSplit _split = new(8);

    [Fact]
    public void Divide_PieceOfAPromptBesideDecodeRows_GoesFirst()
    {
        Add(0, 100, 1, LogitRows.Last);
        Add(1, 0, 8, LogitRows.None);
        Add(2, 50, 1, LogitRows.All);
        Add(3, 900, 2, LogitRows.None);
        AssertDivided([1, 3], [0, 2]);
    }

    [Fact]
    public void Divide_EntriesWithLogits_StayTogether()
    {
        // The last piece of a prompt, and a draft of several tokens.
        Add(0, 100, 1, LogitRows.Last);
        Add(1, 32, 8, LogitRows.Last);
        Add(2, 50, 4, LogitRows.All);
        AssertDivided([], [0, 1, 2]);
    }

    [Fact]
    public void Divide_PromptsAlone_StayTogether()
    {
        Add(0, 0, 8, LogitRows.None);
        Add(1, 32, 8, LogitRows.Last);
        AssertDivided([], [0, 1]);
    }

    [Theory]
    [InlineData(2000, false)]
    [InlineData(2148, false)]
    [InlineData(2149, true)]
    public void Divide_SingleTokenOfAPrompt_GoesFirstOnlyWhereItIsFarLonger(int position, bool isApart)
    {
        Add(0, 100, 1, LogitRows.Last);
        Add(1, position, 1, LogitRows.None);
        AssertDivided(isApart ? [1] : [], isApart ? [0] : [0, 1]);
    }

    [Fact]
    public void TakeWhole_AnyBatch_DividesNothing()
    {
        Add(0, 100, 1, LogitRows.Last);
        Add(1, 0, 8, LogitRows.None);
        _split.Divide(_batch);
        _split.TakeWhole(_batch);
        Assert.Empty(_split.First.ToArray());
        Assert.Equal([0, 1], _split.Second.ToArray());
    }

    private void Add(int sequence, int position, int count, LogitRows rows) =>
        _batch.Add(sequence, position, new int[count], rows);

    private void AssertDivided(int[] first, int[] second)
    {
        _split.Divide(_batch);
        Assert.Equal(first, _split.First.ToArray());
        Assert.Equal(second, _split.Second.ToArray());
    }
}
