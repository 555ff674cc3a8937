using System.Net.Sockets;
using System.Text;

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

    // A socket and one buffer, read on a thread: HttpClient would allocate in the same process.
    private static Task<long> MeasureAsync(TestServer server, int tokenCount)
    {
        server.Script.Repeat = tokenCount;
        return Task.Factory.StartNew(
            () =>
            {
                const string Body = """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"x"}]}""";
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(server.Address.Host, server.Address.Port);
                var request = Encoding.ASCII.GetBytes(
                    $"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
                var buffer = new byte[1 << 16];
                var before = GC.GetTotalAllocatedBytes(precise: true);
                socket.Send(request);
                long total = 0;
                while (socket.Receive(buffer) is var count and > 0) total += count;
                var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
                Assert.True(total > tokenCount * 100L);
                return allocated;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }
}
