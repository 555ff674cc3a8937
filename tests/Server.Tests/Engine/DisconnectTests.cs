using Microsoft.Extensions.DependencyInjection;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Scheduling;
using ModelRunner.ModelStore;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>Clients that go away whenever they like. How soon their place is free, <c>bench</c> measures.</summary>
public sealed class DisconnectTests
{
    private const int Clients = 12;
    private const int MaxPromptLength = 1_200;

    private static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(KvCacheLayout.PerSequence)]
    [InlineData(KvCacheLayout.Pooled)]
    public async Task Clients_ThatGoAwayAnywhere_LeaveNothingBehind(KvCacheLayout layout)
    {
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { MaxSequences = 4, ContextLength = 2048, KvCacheLayout = layout }, new ModelEntry("tiny", FixtureModels.LongContext));
        var expected = await server.CompleteAsync("/v1", "tiny", "hello", 8, stream: true);

        // Three times as many clients as slots: most of them wait in the queue.
        var rounds = Campaign.Count(48, 1_000) / Clients + 1;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => LeaveAgainAndAgainAsync(server, client, rounds)));

        var runtime = server.Services.GetRequiredService<ModelRuntime>();
        var budget = server.Services.GetRequiredService<RequestBudget>();
        Assert.True(SpinWait.SpinUntil(() => budget.RequestCount == 0 && runtime.GetResidents().All(model => model.UserCount == 0), HangLimit));
        Assert.Equal(0, budget.ByteCount);
        using (var lease = await runtime.AcquireAsync(null, new ModelReference("tiny"), null, TestContext.Current.CancellationToken))
        {
            var scheduler = ((LocalModel)lease.Model).Scheduler;
            Assert.True(SpinWait.SpinUntil(() => IsAtRest(scheduler), HangLimit));
            Assert.Empty(SchedulerInvariants.Check(scheduler.TakeSnapshot()));
        }

        Assert.Equal(expected, await server.CompleteAsync("/v1", "tiny", "hello", 8, stream: true));
    }

    private static bool IsAtRest(Scheduler scheduler) =>
        scheduler.PendingRequestCount == 0 && scheduler.TakeSnapshot() is { Waiting.Count: 0, Active.Count: 0, Parked.Count: 0, LiveChoiceCount: 0 };

    // Not for secrets: the points of a run are made again from its number.
#pragma warning disable CA5394
    private static async Task LeaveAgainAndAgainAsync(RealServer server, int client, int rounds)
    {
        var random = new Random(client);
        for (var round = 0; round < rounds; round++)
        {
            var prompt = new string((char)('a' + client), random.Next(1, MaxPromptLength));
            var stream = random.Next(4) > 0 ? "true" : "false";
            using var request = await RawRequest.ConnectAsync(
                server.Client.BaseAddress!,
                "/v1/completions",
                $$"""{"model":"tiny","prompt":"{{prompt}}","max_tokens":{{random.Next(1, 400)}},"ignore_eos":true,"n":{{random.Next(1, 3)}},"stream":{{stream}}}""");
            switch (random.Next(8))
            {
                case 0:
                    await request.SendAsync(random.NextDouble());
                    break;
                case 1 or 2:
                    await request.SendAsync();
                    break;
                case 3 or 4:
                    // Of a stream, the headers: it has been admitted, and waits or is in its prefill.
                    await request.SendAsync();
                    await request.ReadAsync(1);
                    break;
                default:
                    await request.SendAsync();
                    await request.ReadAsync(random.Next(200, 20_000));
                    break;
            }

            if (random.Next(2) == 0) request.Reset();
            else request.Close();
        }
    }
#pragma warning restore CA5394
}
