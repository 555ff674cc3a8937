namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class StreamMapTests
{
    [Fact]
    public void GetOrAssign_BesideThoseThatRan_TakesTheNearestFreeStream()
    {
        var map = new StreamMap(8, 9);
        for (var sequence = 0; sequence < 8; sequence++)
            Assert.Equal(sequence, map.GetOrAssign(sequence));

        map.Free(1);
        map.Free(5);
        map.Observe([4, 6]);

        Assert.Equal(5, map.GetOrAssign(1));
        Assert.Equal(5, map.GetOrAssign(1));
    }

    [Fact]
    public void Observe_GapsThatStay_AreClosedOneMoveAStep()
    {
        var map = new StreamMap(8, 9);
        for (var sequence = 0; sequence < 8; sequence++)
            map.GetOrAssign(sequence);

        int[] running = [0, 3, 7];
        var moves = 0;
        for (var step = 0; step < 20; step++)
            moves += map.Observe(running) is null ? 0 : 1;

        Assert.Equal(2, moves);
        Assert.Equal(1, map.CountRuns());
    }

    [Fact]
    public void Observe_ChangingSets_MovesNothing()
    {
        var map = new StreamMap(4, 5);
        for (var sequence = 0; sequence < 4; sequence++)
            map.GetOrAssign(sequence);

        for (var step = 0; step < 50; step++)
            Assert.Null(map.Observe(step % 2 == 0 ? [0, 2] : [1, 3]));
    }

    [Fact]
    public void Observe_NoSpareAndNoFreeStream_MovesNothing()
    {
        var map = new StreamMap(4, 4);
        for (var sequence = 0; sequence < 4; sequence++)
            map.GetOrAssign(sequence);

        for (var step = 0; step < 50; step++)
            Assert.Null(map.Observe([0, 3]));
    }

    /// <summary>Whatever happens, each sequence finds its own content: the moves are carried out on a model of the memory.</summary>
    [Fact]
    public void Observe_RandomUse_KeepsEachSequencesContent()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(1, 12);
            var map = new StreamMap(count, count + random.Next(2));
            var memory = new int[count + 1];
            Array.Fill(memory, -1);
            for (var step = 0; step < 300; step++)
            {
                var running = Enumerable.Range(0, count).Where(_ => random.Next(3) == 0).ToArray();
                foreach (var sequence in running)
                    memory[map.GetOrAssign(sequence)] = sequence;

                var repeats = random.Next(8);
                for (var i = 0; i < repeats && running.Length > 0; i++)
                    if (map.Observe(running) is { } move)
                        Carry(memory, move);

                for (var sequence = 0; sequence < count; sequence++)
                    if (map[sequence] >= 0)
                        Assert.Equal(sequence, memory[map[sequence]]);

                var freed = random.Next(count);
                if (map[freed] >= 0)
                    memory[map[freed]] = -1;
                map.Free(freed);
            }
        }
    }

    private static void Carry(int[] memory, StreamMove move)
    {
        if (move.Spare >= 0)
        {
            Assert.Equal(-1, memory[move.Spare]);
            memory[move.Spare] = memory[move.Target];
        }
        else
        {
            Assert.Equal(-1, memory[move.Target]);
        }

        memory[move.Target] = memory[move.Source];
        memory[move.Source] = move.Spare >= 0 ? memory[move.Spare] : -1;
        if (move.Spare >= 0)
            memory[move.Spare] = -1;
    }
}
