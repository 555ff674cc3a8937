using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Tests.Scheduling;

public sealed class KvLedgerTests
{
    private const int Slots = 6;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RandomHistories_EqualTheNaiveModel(bool shares)
    {
        for (var seed = 0; seed < 40; seed++)
            RunHistory(new Random(seed), shares);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Append_MoreThanIsFree_ThrowsAndChangesNothing(bool shares)
    {
        var ledger = new KvLedger(10, 2, shares);
        ledger.Append(0, 7);
        Assert.Throws<InvalidOperationException>(() => ledger.Append(1, 4));
        Assert.Equal((7, 0, 3), (ledger.GetLength(0), ledger.GetLength(1), ledger.FreeCount));
        ledger.Append(1, 3);
        Assert.Equal(0, ledger.FreeCount);
    }

    [Fact]
    public void Copy_Shared_CostsNothingUntilItsSourceIsGone()
    {
        var ledger = new KvLedger(10, 2, shares: true);
        ledger.Append(0, 10);
        Assert.True(ledger.CanCopy(6));
        ledger.Copy(0, 1, 6);
        Assert.Equal((10, 4, 0), (ledger.UsedCount, ledger.CountExclusive(0), ledger.CountExclusive(1)));
        ledger.Truncate(0, 0);
        Assert.Equal((6, 6), (ledger.UsedCount, ledger.CountExclusive(1)));
    }

    [Fact]
    public void Copy_Copied_CostsItsLength()
    {
        var ledger = new KvLedger(10, 2, shares: false);
        ledger.Append(0, 6);
        Assert.False(ledger.CanCopy(5));
        Assert.True(ledger.CanCopy(4));
        ledger.Copy(0, 1, 4);
        Assert.Equal((10, 6, 4), (ledger.UsedCount, ledger.CountExclusive(0), ledger.CountExclusive(1)));
    }

    private static void RunHistory(Random random, bool shares)
    {
        var capacity = random.Next(10, 300);
        var ledger = new KvLedger(capacity, Slots, shares);

        // A cell is an object, and two slots that share it have the same one.
        var cells = new List<object>[Slots];
        for (var slot = 0; slot < Slots; slot++)
            cells[slot] = [];

        for (var step = 0; step < 300; step++)
        {
            Change(random, ledger, cells, shares);
            AssertEqual(ledger, cells);
        }

        for (var slot = 0; slot < Slots; slot++)
            ledger.Truncate(slot, 0);

        Assert.Equal((0, capacity), (ledger.UsedCount, ledger.FreeCount));
    }

    private static void Change(Random random, KvLedger ledger, List<object>[] cells, bool shares)
    {
        var slot = random.Next(Slots);
        var length = random.Next(cells[slot].Count + 1);
        switch (random.Next(4))
        {
            case 0:
                ledger.Truncate(slot, length);
                cells[slot].RemoveRange(length, cells[slot].Count - length);
                break;

            case 1:
                var target = random.Next(Slots);
                if (cells[target].Count > 0 || target == slot || length == 0)
                    break;

                Assert.Equal(shares || length <= ledger.FreeCount, ledger.CanCopy(length));
                if (!ledger.CanCopy(length))
                    break;

                ledger.Copy(slot, target, length);
                cells[target].AddRange(cells[slot].Take(length).Select(cell => shares ? cell : new object()));
                break;

            default:
                var count = random.Next(ledger.FreeCount / 3 + 2);
                if (count > ledger.FreeCount)
                    break;

                ledger.Append(slot, count);
                cells[slot].AddRange(Enumerable.Range(0, count).Select(_ => new object()));
                break;
        }
    }

    private static void AssertEqual(KvLedger ledger, List<object>[] cells)
    {
        var counts = cells.SelectMany(slot => slot).GroupBy(cell => cell).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(counts.Count, ledger.UsedCount);
        Assert.Equal(ledger.Capacity - counts.Count, ledger.FreeCount);
        for (var slot = 0; slot < Slots; slot++)
        {
            Assert.Equal(cells[slot].Count, ledger.GetLength(slot));
            Assert.Equal(cells[slot].Count(cell => counts[cell] == 1), ledger.CountExclusive(slot));
        }
    }
}
