using System.Net;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Security;

/// <summary>
/// Lets in only requests whose Host header is a name of this server. A page that rebinds its own name to this address
/// (DNS rebinding) is turned away; with a key set it could do nothing anyway, and any name passes.
/// </summary>
internal sealed class HostMiddleware(RequestDelegate next, ServerOptions options)
{
    private static readonly string[] UsualNames = ["localhost", "model-runner.docker.internal", "host.docker.internal"];

    private readonly HashSet<string> _names = new(UsualNames.Concat(options.AllowedHosts), StringComparer.OrdinalIgnoreCase);
    private readonly bool _isOpen = options.ApiKey is not null;

    public Task InvokeAsync(HttpContext context) =>
        _isOpen || IsAllowed(context)
            ? next(context)
            : throw new AccessDeniedException(
                AccessDeniedException.WrongHost,
                $"'{context.Request.Host}' is no name of this server. The setting allowed-hosts (MODEL_RUNNER_ALLOWED_HOSTS) adds names.");

    private bool IsAllowed(HttpContext context)
    {
        // No address: a Unix socket, which no page reaches.
        if (context.Connection.LocalIpAddress is null) return true;
        var host = context.Request.Host.Host;

        // An address in numbers cannot be rebound. Browsers always send a name or one of those.
        return host.Length == 0
            || _names.Contains(host)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(host.AsSpan().Trim("[]"), out _);
    }
}
