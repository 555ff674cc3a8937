using System.Diagnostics;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Server.Tests.Streaming;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>Clients that stop reading long streams of a real model, beside clients that read.</summary>
[Collection(Alone.Name)]
public sealed class StalledReaderTests(ITestOutputHelper output)
{
    private const double MaxRatio = 1.2;

    [Fact]
    public async Task Readers_BesideMany_WhoStopped_WaitForNone()
    {
        var stalledCount = Campaign.Count(8, 200);
        var samples = Campaign.Count(5, 41);
        using var blocked = new BlockedWrites();
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { MaxSequences = 8, ContextLength = 100_000 }, new ModelEntry("tiny", FixtureModels.LongContext));
        await MeasureAsync(server, samples);
        var before = await MeasureAsync(server, samples);

        // Log probabilities make a token's event large, so that the buffers are full after fewer of them.
        var requests = new List<RawRequest>();
        for (var i = 0; i < stalledCount; i++)
        {
            requests.Add(await RawRequest.ConnectAsync(
                server.Client.BaseAddress!,
                "/v1/chat/completions",
                """{"model":"tiny","stream":true,"ignore_eos":true,"logprobs":true,"top_logprobs":20,"messages":[{"role":"user","content":"x"}]}""",
                receiveBufferBytes: 4096));
            await requests[^1].SendAsync();
        }

        await blocked.UntilAsync(count => count == stalledCount);
        var beside = await MeasureAsync(server, samples);
        Assert.Equal(stalledCount, blocked.Count);
        output.WriteLine($"first token: {before:F2} ms before, {beside:F2} ms beside {stalledCount} that stopped reading");
        if (Campaign.IsFull) Assert.InRange(beside / before, 0, MaxRatio);

        requests.ForEach(request => request.Reset());
        await blocked.UntilAsync(count => count == 0);
    }

    /// <summary>The median time to the first token of so many requests, one after another, in milliseconds.</summary>
    private static async Task<double> MeasureAsync(RealServer server, int count)
    {
        var times = new List<double>(count);
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await server.CompleteAsync("/v1", "tiny", $"A question of some length, number {i}, that is answered by one token alone.", 1, stream: true);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times.Order().ElementAt(count / 2);
    }
}
