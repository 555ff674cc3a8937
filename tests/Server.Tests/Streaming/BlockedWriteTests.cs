using ModelRunner.Server.Tests.Engine;

namespace ModelRunner.Server.Tests.Streaming;

[Collection(Alone.Name)]
public sealed class BlockedWriteTests
{
    private const int StreamCount = 5;

    [Fact]
    public async Task Streams_WhoseReadersStop_AreShownAndHoldUpNobody()
    {
        using var blocked = new BlockedWrites();
        await using var server = await TestServer.StartAsync();
        server.Script.Repeat = int.MaxValue;
        server.Script.Yields = true;

        var requests = new List<RawRequest>();
        for (var i = 0; i < StreamCount; i++)
        {
            requests.Add(await RawRequest.ConnectAsync(
                server.Address,
                "/v1/chat/completions",
                """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"x"}]}""",
                receiveBufferBytes: 4096));
            await requests[^1].SendAsync();
        }

        await blocked.UntilAsync(count => count == StreamCount);

        server.Script.Repeat = 1;
        await server.PostForJsonAsync("/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"x"}]}""");

        requests.ForEach(request => request.Dispose());
        await blocked.UntilAsync(count => count == 0);
    }
}
