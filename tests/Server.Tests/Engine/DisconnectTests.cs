using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>Clients that go away whenever they like. How soon their place is free, <c>bench</c> measures.</summary>
public sealed class DisconnectTests(ITestOutputHelper output)
{
    private const int Clients = 12;
    private const int MaxPromptLength = 1_200;

    // Of the smallest vocabulary; the first two tokens of a prompt are its number.
    private const int FirstToken = 10;
    private const int NumberBase = 200;

    private enum Phase
    {
        Sending,
        Sent,
        Queue,
        Prefill,
        Decode,
    }

    [Theory]
    [InlineData("llama.cpp", KvCacheLayout.PerSequence)]
    [InlineData("llama.cpp", KvCacheLayout.Pooled)]
    [InlineData("onnx", KvCacheLayout.PerSequence)]
    public async Task Clients_ThatGoAwayAnywhere_LeaveNothingBehind(string engine, KvCacheLayout layout)
    {
        var watch = new ProgressWatch();
        var model = engine == "onnx" ? FixtureModels.GetGenAi(FixtureModels.LongContext) : FixtureModels.LongContext;
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { MaxSequences = 4, ContextLength = 2048, KvCacheLayout = layout }, watch, new ModelEntry("tiny", model));
        var expected = await server.CompleteAsync("/v1", "tiny", "hello", 8, stream: true);

        // Three times as many clients as slots: most of them wait in the queue.
        var rounds = (Campaign.Count(108, 2_000) + Clients - 1) / Clients;
        var left = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => LeaveAgainAndAgainAsync(server, watch, client, rounds)));

        await server.AssertHoldsNothingAsync("tiny");
        Assert.Equal(expected, await server.CompleteAsync("/v1", "tiny", "hello", 8, stream: true));

        var counts = left.SelectMany(points => points).CountBy(point => point).ToDictionary();
        output.WriteLine(string.Join(", ", counts.OrderBy(entry => entry.Key).Select(entry =>
            $"{entry.Key.Phase} {(entry.Key.IsReset ? "RST" : "FIN")}: {entry.Value}")));
        foreach (var phase in new[] { Phase.Queue, Phase.Prefill, Phase.Decode })
            foreach (var isReset in new[] { false, true })
                Assert.InRange(counts.GetValueOrDefault((phase, isReset)), rounds * Clients / 50, int.MaxValue);
    }

    // Not for secrets: the points of a run are made again from its number.
#pragma warning disable CA5394
    private static async Task<List<(Phase Phase, bool IsReset)>> LeaveAgainAndAgainAsync(RealServer server, ProgressWatch watch, int client, int rounds)
    {
        var random = new Random(client);
        var left = new List<(Phase, bool)>();
        for (var round = 0; round < rounds; round++)
        {
            var number = (round * Clients) + client;
            var mark = (FirstToken + (number % NumberBase), FirstToken + (number / NumberBase));
            var phase = (Phase)random.Next(5);
            var length = phase == Phase.Prefill ? MaxPromptLength : random.Next(2, MaxPromptLength);
            int[] prompt = [mark.Item1, mark.Item2, .. Enumerable.Repeat(FirstToken + client, length - 2)];

            // Without streaming nothing comes before the end.
            var stream = phase > Phase.Sent || random.Next(2) == 0 ? "true" : "false";
            using var request = await RawRequest.ConnectAsync(
                server.Client.BaseAddress!,
                "/v1/completions",
                $$"""{"model":"tiny","prompt":[{{string.Join(',', prompt)}}],"max_tokens":{{random.Next(200, 800)}},"ignore_eos":true,"n":{{random.Next(1, 3)}},"stream":{{stream}}}""");
            await request.SendAsync(phase == Phase.Sending ? random.NextDouble() : 1);
            switch (phase)
            {
                case Phase.Queue:
                    // The headers: it has been admitted, and waits.
                    await request.ReadAsync(1);
                    break;
                case Phase.Prefill:
                    await request.ReadAsync(1);
                    while (watch.LengthOf(mark) == 0) await Task.Yield();
                    break;
                case Phase.Decode:
                    await request.ReadAsync(random.Next(500, 20_000));
                    break;
            }

            // Where it is now, whatever was waited for.
            if (phase > Phase.Sent)
                phase = watch.LengthOf(mark) switch { 0 => Phase.Queue, var done when done < length => Phase.Prefill, _ => Phase.Decode };
            var isReset = (round + client) % 2 == 0;
            if (isReset) request.Reset();
            else request.Close();
            left.Add((phase, isReset));
        }

        return left;
    }
#pragma warning restore CA5394
}
