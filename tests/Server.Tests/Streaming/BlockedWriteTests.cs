using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text;

namespace ModelRunner.Server.Tests.Streaming;

[Collection(Alone.Name)]
public sealed class BlockedWriteTests
{
    private const int StreamCount = 5;

    [Fact]
    public async Task Streams_WhoseReadersStop_AreShownAndHoldUpNobody()
    {
        var blocked = 0;
        var changed = new SemaphoreSlim(0);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "modelrunner.blocked_writes") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, delta, _, _) =>
        {
            Interlocked.Add(ref blocked, delta);
            changed.Release();
        });
        listener.Start();
        await using var server = await TestServer.StartAsync();
        server.Script.Repeat = int.MaxValue;
        server.Script.Yields = true;

        var sockets = new List<Socket>();
        for (var i = 0; i < StreamCount; i++) sockets.Add(await OpenAsync(server.Address));
        while (Volatile.Read(ref blocked) < StreamCount) await WaitAsync(changed);

        server.Script.Repeat = 1;
        await server.PostForJsonAsync("/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"x"}]}""");

        sockets.ForEach(socket => socket.Dispose());
        while (Volatile.Read(ref blocked) > 0) await WaitAsync(changed);
    }

    private static async Task WaitAsync(SemaphoreSlim changed) =>
        Assert.True(await changed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "nothing changed for 30 s");

    // A small receive buffer, and nobody who reads.
    private static async Task<Socket> OpenAsync(Uri address)
    {
        const string Body = """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"x"}]}""";
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"),
            TestContext.Current.CancellationToken);
        return socket;
    }
}
