namespace ModelRunner.Server.Tests.Streaming;

[Collection(Alone.Name)]
public sealed class AllocationTests
{
    private const int MaxBytesPerToken = 64;

    [Fact]
    public async Task Stream_OfThousandsOfTokens_AllocatesAtMost64BytesForEach()
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Yields = true;
        server.Script.Pieces = [" token"u8.ToArray()];

        // The difference of a long and a short answer is free of what a request costs once.
        await MeasureAsync(server, 2000);
        var shortest = await MeasureAsync(server, 500);
        var longest = await MeasureAsync(server, 8500);

        var perToken = (longest - shortest) / 8000.0;
        TestContext.Current.SendDiagnosticMessage($"{perToken:F1} bytes a token");
        Assert.True(perToken <= MaxBytesPerToken, $"{perToken:F1} bytes a token");
    }

    private static Task<long> MeasureAsync(TestServer server, int tokenCount)
    {
        server.Script.Repeat = tokenCount;
        return SocketClient.MeasureAllocationAsync(
            server.Address,
            """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"x"}]}""",
            clients: 1,
            leastLength: tokenCount * 100L);
    }
}
