using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>A client that is a socket: it can stop reading, close in order, or reset.</summary>
internal sealed class RawRequest : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[16 * 1024];

    private RawRequest(Socket socket, byte[] request)
    {
        _socket = socket;
        _request = request;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Connects, and sends nothing yet.</summary>
    /// <param name="address">The server.</param>
    /// <param name="path">The call.</param>
    /// <param name="body">Its JSON.</param>
    /// <param name="receiveBufferBytes">What the system takes in while nobody reads.</param>
    public static async Task<RawRequest> ConnectAsync(Uri address, string path, string body, int receiveBufferBytes = 64 * 1024)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = receiveBufferBytes, NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, Token);
        return new RawRequest(socket, Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
    }

    /// <summary>Sends a part of the request, in [0, 1].</summary>
    public async Task SendAsync(double part = 1) =>
        await _socket.SendAsync(_request.AsMemory(0, (int)(_request.Length * part)), Token);

    /// <summary>Reads so many bytes of the answer, headers included, or to its end.</summary>
    public async Task ReadAsync(int byteCount)
    {
        while (byteCount > 0 && await _socket.ReceiveAsync(_buffer, Token) is var count and > 0)
            byteCount -= count;
    }

    /// <summary>Closes at once: the server sees a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>Closes in order: the server sees the end of the connection.</summary>
    public void Close()
    {
        _socket.Shutdown(SocketShutdown.Both);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();
}
