using System.Numerics.Tensors;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp.Native;
using ModelRunner.Testing;

namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class ComputeThreadsTests
{
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 40).Select(i => 5 + (i * 7 % 90))];

    [Fact]
    public void Get_TheSameCount_GivesOneSet()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        Assert.Same(ComputeThreads.Get(2), ComputeThreads.Get(2));
        Assert.NotSame(ComputeThreads.Get(2), ComputeThreads.Get(3));
        Assert.NotSame(ComputeThreads.Get(1), ComputeThreads.Get(1));
    }

    [Fact]
    public void Decode_SessionsThatShareTheirThreads_ComputeAsIfAlone()
    {
        // More than one thread on purpose: it is what is tested.
        const int Sessions = 3;
        const int Steps = 50;
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        var alone = Generate(model, threads: 1, Steps);
        var outputs = new int[Sessions][];
        Parallel.For(0, Sessions, new ParallelOptions { MaxDegreeOfParallelism = Sessions }, index => outputs[index] = Generate(model, threads: 2, Steps));
        Assert.All(outputs, output => Assert.Equal(alone, output));
    }

    private static int[] Generate(ITokenModel model, int threads, int steps)
    {
        var batch = new DecodeBatch(512, 64);
        using var session = model.CreateSession(LoadedModel.Options(1, 128) with { ThreadCount = threads, Deterministic = true });
        Assert.Equal(DecodeStatus.Ok, session.Decode(batch, 0, Prompt, LogitRows.Last));
        var output = new int[steps];
        for (var i = 0; i < steps; i++)
        {
            output[i] = TensorPrimitives.IndexOfMax(session.GetLogits(0));
            Assert.Equal(DecodeStatus.Ok, session.Decode(batch, 0, [output[i]], LogitRows.Last));
        }

        return output;
    }
}
