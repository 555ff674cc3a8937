using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ModelRunner.Bench.Http;

/// <summary>The server as users run it, in a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 512 })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public HttpClient Client { get; }

    /// <summary>Bytes of physical memory that the process has.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it with one model, called <c>bench</c>, and waits until it answers.</summary>
    public static Task<ServerProcess> StartAsync(string modelPath, params string[] options) => StartAsync(port =>
        new ProcessStartInfo("dotnet", [Repository.Server, "--port", $"{port}", "--model", $"bench={modelPath}", .. options]));

    /// <summary>Starts any program that answers <c>/health</c> and the completions of that model on a port.</summary>
    public static async Task<ServerProcess> StartAsync(Func<int, ProcessStartInfo> create)
    {
        var port = FindFreePort();
        var start = create(port);
        start.RedirectStandardOutput = true;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var server = new ServerProcess(process, new Uri($"http://127.0.0.1:{port}/"));
        while (!await server.AnswersAsync())
        {
            if (process.HasExited)
                throw new InvalidOperationException($"The server ended with {process.ExitCode}.");

            await Task.Delay(100);
        }

        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var response = await Client.GetAsync(new Uri("health", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FindFreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
