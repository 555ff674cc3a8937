using System.Net;
using System.Net.Sockets;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Http;

/// <summary>Opens connections to addresses that are allowed: what is checked is what is connected to.</summary>
/// <param name="isAllowed">Whether the address may be reached.</param>
internal sealed class GuardedConnector(Func<IPAddress, bool> isAllowed)
{
    /// <summary>A handler that connects so, follows no redirects, and keeps no cookies. The caller owns it.</summary>
    /// <param name="proxy">The way out; null for that of the environment.</param>
    public SocketsHttpHandler CreateHandler(IWebProxy? proxy) => new()
    {
        Proxy = proxy,
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 32,
        ConnectTimeout = TimeSpan.FromSeconds(20),
        ConnectCallback = ConnectAsync,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);

        // A proxy is the operator's choice. It resolves names by itself, so that only addresses that stand in the URL are seen.
        // CONNECT is never ours: the handler opens a tunnel with it, and then names the proxy itself as the target.
        var request = context.InitialRequestMessage;
        var isProxy = request.Method == HttpMethod.Connect
            || (request.RequestUri is { } uri && uri.IdnHost.Trim('[', ']') != host.Trim('[', ']'));
        var allowed = isProxy ? addresses : [.. addresses.Where(isAllowed)];
        if (allowed.Length == 0)
            throw new TransferException(
                TransferException.AddressRefused, $"'{host}' is at {addresses.FirstOrDefault()}, an address that transfers do not go to.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
