using System.Net;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>One request inside a batch of sixteen others, which run from before it begins until after it has ended.</summary>
public sealed class BatchTests
{
    private const string Model = "ai/stories";
    private const string Prompt = "Once upon a time";
    private const int Others = 16;

    // More than they come to beside a request. Behind the 512 tokens that the model was trained on they say nothing sensible.
    private const int OtherTokens = 900;

    // A pool has four times as many cells: all seventeen fit, and none is preempted.
    private const int ContextLength = 4096;

    // The tables of a converted folder end with the trained context.
    private const int OnnxOtherTokens = 480;

    // By how much a logit of a batch may differ from that of the sequence alone, without the deterministic setting.
    private const double LogitBound = 2e-2;

    private static readonly IEnumerable<string> OtherPrompts = Enumerable.Range(0, Others).Select(i => $"The dog number {i} ran");

    [Theory]
    [InlineData(KvCacheLayout.PerSequence)]
    [InlineData(KvCacheLayout.Pooled)]
    public async Task Stories_AmongSixteenOthers_IsThePublishedText(KvCacheLayout layout)
    {
        await using var server = await StartAsync(new ModelLoadOptions { KvCacheLayout = layout, ContextLength = ContextLength, Deterministic = true }, SharedData.Stories260K);
        var alone = await server.CompleteAsync("/v1", Model, "The dog number 3 ran", 40, stream: true);
        foreach (var prefix in RealModelTests.Prefixes)
        {
            foreach (var stream in new[] { true, false })
            {
                await using var others = await RunningStreams.StartAsync(server, "/v1/completions", Model, OtherTokens, OtherPrompts);
                Assert.StartsWith(RealModelTests.Story, await server.CompleteAsync(prefix, Model, Prompt, 80, stream), StringComparison.Ordinal);
                await others.AssertRunAsync();
                Assert.StartsWith(alone, others.Texts[3], StringComparison.Ordinal);
            }
        }
    }

    /// <summary>With the settings that users get: other tokens only where two are as likely as one another, within the bound.</summary>
    [Theory]
    [InlineData(KvCacheLayout.PerSequence)]
    [InlineData(KvCacheLayout.Pooled)]
    public async Task Stories_InDefaultModeAmongSixteenOthers_DiffersOnlyWhereTokensAreClose(KvCacheLayout layout)
    {
        await using var server = await StartAsync(new ModelLoadOptions { KvCacheLayout = layout, ContextLength = ContextLength }, SharedData.Stories260K);
        var alone = await AskAsync(server);
        await using var others = await RunningStreams.StartAsync(server, "/v1/completions", Model, OtherTokens, OtherPrompts);
        var beside = await AskAsync(server);
        await others.AssertRunAsync();

        Assert.Equal(80, alone.Count);
        foreach (var (expected, actual) in alone.Zip(beside))
        {
            // Behind the first other token the two are other texts.
            if (expected.Token != actual.Token)
            {
                Assert.InRange(expected.Gap, 0, 2 * LogitBound);
                break;
            }

            Assert.InRange(Math.Abs(expected.LogProbability - actual.LogProbability), 0, 2 * LogitBound);
        }
    }

    /// <summary>By the rules of ONNX, where a row of a batch is computed as it is alone.</summary>
    [Fact]
    public async Task Onnx_AmongSixteenOthers_IsTheSameText()
    {
        await using var server = await StartAsync(new ModelLoadOptions(), FixtureModels.GetGenAi(SharedData.Stories260K));
        var alone = await server.CompleteAsync("/v1", Model, Prompt, 60, stream: true);
        foreach (var stream in new[] { true, false })
        {
            await using var others = await RunningStreams.StartAsync(server, "/v1/completions", Model, OnnxOtherTokens, OtherPrompts);
            Assert.Equal(alone, await server.CompleteAsync("/engines/onnx/v1", Model, Prompt, 60, stream));
            await others.AssertRunAsync();
        }
    }

    /// <summary>Each token with its log probability, and by how much the best is ahead of the second.</summary>
    private static async Task<List<(string Token, double LogProbability, double Gap)>> AskAsync(RealServer server)
    {
        var (status, body) = await server.PostAsync(
            "/v1/completions", new { model = Model, prompt = Prompt, max_tokens = 80, temperature = 0, ignore_eos = true, logprobs = 2 });
        Assert.Equal(HttpStatusCode.OK, status);
        var logProbabilities = body.GetProperty("choices")[0].GetProperty("logprobs");
        return [.. logProbabilities.GetProperty("tokens").EnumerateArray()
            .Zip(logProbabilities.GetProperty("token_logprobs").EnumerateArray(), logProbabilities.GetProperty("top_logprobs").EnumerateArray())
            .Select(row =>
            {
                var best = row.Third.EnumerateObject().Select(token => token.Value.GetDouble()).OrderDescending().ToArray();
                return (row.First.GetString()!, row.Second.GetDouble(), best[0] - best[1]);
            })];
    }

    private static Task<RealServer> StartAsync(ModelLoadOptions load, string path) =>
        RealServer.StartAsync(load with { MaxSequences = Others + 1 }, new ModelEntry(Model, path));
}
