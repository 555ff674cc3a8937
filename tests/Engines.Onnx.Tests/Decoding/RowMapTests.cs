using ModelRunner.Engines.Onnx.Decoding;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

public sealed class RowMapTests
{
    private readonly RowExchange[] _exchanges = new RowExchange[8];
    private readonly int[] _lengths = new int[8];

    [Fact]
    public void GetOrAssign_BesideThoseThatRun_GivesANeighbour()
    {
        var map = new RowMap(8);
        for (var sequence = 0; sequence < 5; sequence++)
            map.GetOrAssign(sequence);
        map.Free(1);
        map.Free(3);
        map.SpanOf([4]);
        map.GetOrAssign(5);
        Assert.Contains(map[5], new[] { map[4] - 1, map[4] + 1 });
    }

    [Fact]
    public void Gather_SmallGap_WaitsThenCloses()
    {
        var map = Filled(8);
        int[] running = [0, 1, 2, 4];
        for (var step = 1; step < RowMap.PatienceInSteps; step++)
            Assert.Equal(0, map.Gather(running, _lengths, 100, _exchanges));
        Assert.InRange(map.Gather(running, _lengths, 100, _exchanges), 1, 4);
        Assert.Equal(4, map.SpanOf(running).Count);
    }

    [Fact]
    public void Gather_FullRowInTheGap_ClosesAtOnce()
    {
        var map = Filled(8);
        _lengths[3] = 100;
        Assert.NotEqual(0, map.Gather([0, 1, 2, 4], _lengths, 100, _exchanges));
        Assert.Equal(4, map.SpanOf([0, 1, 2, 4]).Count);
    }

    [Fact]
    public void Gather_RandomSets_KeepEverySequenceInOneRow()
    {
        var random = new Random(3);
        var map = Filled(8);
        for (var round = 0; round < 1000; round++)
        {
            var running = Enumerable.Range(0, 8).Where(_ => random.Next(2) == 0).DefaultIfEmpty(0).ToArray();
            for (var i = 0; i < 8; i++)
                _lengths[i] = random.Next(100);
            map.Gather(running, _lengths, 100, _exchanges);
            Assert.Equal(Enumerable.Range(0, 8), Enumerable.Range(0, 8).Select(row => map.SequenceIn(row)).Order());
            Assert.All(Enumerable.Range(0, 8), sequence => Assert.Equal(sequence, map.SequenceIn(map[sequence])));
        }
    }

    private static RowMap Filled(int count)
    {
        var map = new RowMap(count);
        // From the middle outwards otherwise: this order makes sequence and row the same at first.
        for (var sequence = 0; sequence < count; sequence++)
            map.GetOrAssign(sequence);
        return map;
    }
}
