using System.Net;
using System.Net.Sockets;

namespace ModelRunner.ModelStore.Tests.Servers;

/// <summary>A TCP proxy that cuts connections after so many bytes of answers, while it is told to.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Random _random;
    private readonly Task _accepting;
    private int _cutsLeft;

    public CuttingProxy(int target, int cuts, int seed)
    {
        _target = target;
        _cutsLeft = cuts;
        _random = new Random(seed);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int CutsLeft => Volatile.Read(ref _cutsLeft);

    public string Host => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                int budget;
                lock (_random) budget = _random.Next(200, 60_000);
                running.Add(RelayAsync(client, budget));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task RelayAsync(TcpClient client, int budget)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            var up = CopyAsync(near.GetStream(), far.GetStream(), int.MaxValue);
            var down = CopyAsync(far.GetStream(), near.GetStream(), budget);
            await Task.WhenAny(up, down);
            near.Close();
            far.Close();
            await Task.WhenAll(up, down);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The end of a relay.
        }
    }

    private async Task CopyAsync(Stream from, Stream to, int budget)
    {
        var buffer = new byte[4096];
        int count;
        while ((count = await from.ReadAsync(buffer, _stop.Token)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            budget -= count;
            if (budget < 0 && Interlocked.Decrement(ref _cutsLeft) >= 0) return;
            if (budget < 0) budget = int.MaxValue;
        }
    }
}
