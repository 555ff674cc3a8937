using System.Net.Sockets;
using System.Text;

namespace ModelRunner.Server.Tests.Streaming;

/// <summary>Clients of a server in this process that allocate nothing while they read: HttpClient would be measured too.</summary>
internal static class SocketClient
{
    /// <summary>Bytes that the process allocates while so many clients stream the answer to one chat request each.</summary>
    public static async Task<long> MeasureAllocationAsync(Uri address, string body, int clients, long leastLength)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var lengths = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Factory.StartNew(
            () => Read(address, body),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.All(lengths, length => Assert.True(length > leastLength, $"an answer of {length} bytes"));
        return allocated;
    }

    private static long Read(Uri address, string body)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(address.Host, address.Port);
        socket.Send(Encoding.ASCII.GetBytes(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}"));
        var buffer = new byte[1 << 16];
        long total = 0;
        while (socket.Receive(buffer) is var count and > 0)
            total += count;

        return total;
    }
}
