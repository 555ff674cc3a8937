using Microsoft.Extensions.DependencyInjection;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Server.Tests.Engine;

namespace ModelRunner.Server.Tests.Streaming;

[Collection(Alone.Name)]
public sealed class BlockedWriteTests
{
    private const int StreamCount = 5;

    private const string Endless = """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"x"}]}""";

    [Fact]
    public async Task Streams_WhoseReadersStop_AreShownAndHoldUpNobody()
    {
        using var blocked = new BlockedWrites();
        await using var server = await StartAsync(TimeSpan.FromMinutes(5));
        var requests = new List<RawRequest>();
        for (var i = 0; i < StreamCount; i++)
            requests.Add(await StallAsync(server));

        await blocked.UntilAsync(count => count == StreamCount);

        server.Script.Repeat = 1;
        await server.PostForJsonAsync("/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"x"}]}""");

        requests.ForEach(request => request.Dispose());
        await blocked.UntilAsync(count => count == 0);
    }

    /// <summary>Regression: the scheduler gave its sequence up, but the request kept its place, and the model in memory.</summary>
    [Fact]
    public async Task Stream_WhoseReaderTakesNothingForLong_LeavesItsModel()
    {
        using var blocked = new BlockedWrites();
        await using var server = await StartAsync(TimeSpan.FromMilliseconds(100));
        using var request = await StallAsync(server);
        await blocked.UntilAsync(count => count == 1);
        await blocked.UntilAsync(count => count == 0);
        var runtime = server.Services.GetRequiredService<ModelRuntime>();
        var budget = server.Services.GetRequiredService<RequestBudget>();
        Assert.True(SpinWait.SpinUntil(() => runtime.GetResidents()[0].UserCount == 0 && budget.RequestCount == 0, TimeSpan.FromMinutes(1)));
    }

    private static async Task<TestServer> StartAsync(TimeSpan slowReaderTime)
    {
        var server = await TestServer.StartAsync(options => options with { SlowReaderTime = slowReaderTime });
        server.Script.Repeat = int.MaxValue;
        server.Script.Yields = true;
        return server;
    }

    /// <summary>A stream without an end whose client reads none of it.</summary>
    private static async Task<RawRequest> StallAsync(TestServer server)
    {
        var request = await RawRequest.ConnectAsync(server.Address, "/v1/chat/completions", Endless, receiveBufferBytes: 4096);
        await request.SendAsync();
        return request;
    }
}
