using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Composition;

/// <summary>The addresses and limits of the HTTP server, each set on purpose.</summary>
internal static class HttpLimits
{
    // A client that sends slower than this keeps a connection for nothing.
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);
    private static readonly MinDataRate RequestRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    // For answers that do not stream. Kestrel allows this much time for all bytes so far: a long stream earns minutes, so
    // that its reader has a limit of its own.
    private static readonly MinDataRate ResponseRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(20));
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(130);

    // A stream is a connection: many more than sequences that can run, and still a bound of memory.
    private const int MaxConnections = 4096;
    private const int MaxHeaderCount = 100;
    private const int MaxHeaderBytes = 32 << 10;
    private const int MaxRequestLineBytes = 8 << 10;
    private const int ResponseBufferBytes = 64 << 10;

    public static void Apply(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = MaxConnections;

        // What could never have room beside others is too large, and not to be tried again.
        limits.MaxRequestBodySize = Math.Min(options.MaxBodySizeInBytes, options.MaxRequestBytes);
        limits.MaxRequestHeaderCount = MaxHeaderCount;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxResponseBufferSize = ResponseBufferBytes;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = IdleTimeout;
        limits.MinRequestBodyDataRate = RequestRate;
        limits.MinResponseDataRate = ResponseRate;

        // HTTP/2 needs TLS to be told from HTTP/1 on one port.
        kestrel.Listen(options.Bind, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        if (options.Socket is not { } path) return;
        RemoveDeadSocket(path);
        kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http1);
    }

    /// <summary>A server that was killed leaves its socket, on which nobody answers.</summary>
    private static void RemoveDeadSocket(string path)
    {
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }
}
