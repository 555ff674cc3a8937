using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelRunner.Cli.Tests;

/// <summary>A server that answers every request with the same bytes, and then closes the connection.</summary>
internal sealed class OneAnswerServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public OneAnswerServer(string answer)
    {
        _listener.Start();
        _serving = ServeAsync(Encoding.UTF8.GetBytes(answer));
    }

    /// <summary>What <c>MODEL_RUNNER_HOST</c> is.</summary>
    public string Host => _listener.LocalEndpoint.ToString()!;

    /// <summary>An answer of JSON, or of lines of it.</summary>
    public static string Json(string body) => $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync(byte[] answer)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();

            // What is left unread would turn the end of the connection into an abort.
            using (var reader = new StreamReader(stream, leaveOpen: true))
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                }

            await stream.WriteAsync(answer);
        }
    }
}
