using Microsoft.Net.Http.Headers;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Security;

/// <summary>
/// Lets pages of this machine, of the server's own address, of desktop applications and of the set origins call, and
/// turns away pages of others: they could not read an answer, but they could make the server work.
/// </summary>
internal sealed class CorsMiddleware(RequestDelegate next, ServerOptions options)
{
    // The values of the CORS protocol (fetch.spec.whatwg.org).
    private const string Methods = "GET, POST, DELETE, OPTIONS";
    private const string ExposedHeaders = "x-request-id, retry-after, retry-after-ms, x-should-retry";
    private const string MaxAgeInSeconds = "600";

    private const string AnyHost = "://*";

    // Applications give these to their own pages, and no page of the web can have one. Extensions of browsers are not
    // among them, which anyone publishes, and file: is not, which a page that was saved may have.
    private static readonly string[] ApplicationSchemes = ["app", "tauri", "vscode-webview", "vscode-file"];

    private readonly bool _allowsAll = options.Origins.Contains("*");
    private readonly HashSet<string> _origins = new(options.Origins, StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _schemes = new(
        options.Origins
            .Where(origin => origin.EndsWith(AnyHost, StringComparison.Ordinal))
            .Select(origin => origin[..^AnyHost.Length])
            .Concat(ApplicationSchemes),
        StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Origin.ToString() is not { Length: > 0 } origin) return next(context);
        if (!IsAllowed(origin, request.Host))
            throw new AccessDeniedException(
                AccessDeniedException.WrongOrigin,
                $"Pages of '{origin}' may not call this server. The setting origins (DMR_ORIGINS) adds origins.");

        // Late, so that an error's answer has them too.
        context.Response.OnStarting(() => Allow(context.Response, origin));
        if (!HttpMethods.IsOptions(request.Method) || request.Headers.AccessControlRequestMethod.Count == 0) return next(context);
        AnswerPreflight(context);
        return Task.CompletedTask;
    }

    private static Task Allow(HttpResponse response, string origin)
    {
        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlAllowCredentials = "true";
        response.Headers.AccessControlExposeHeaders = ExposedHeaders;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        return Task.CompletedTask;
    }

    private static void AnswerPreflight(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
        response.Headers.AccessControlMaxAge = MaxAgeInSeconds;
        if (context.Request.Headers["Access-Control-Request-Private-Network"] == "true")
            response.Headers["Access-Control-Allow-Private-Network"] = "true";
    }

    private bool IsAllowed(string origin, HostString host)
    {
        if (_allowsAll || _origins.Contains(origin) || _schemes.Contains(SchemeOf(origin))) return true;
        return Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && (uri.IsLoopback

                // Resolved to this machine by every browser (RFC 6761): Tauri's pages on Windows.
                || uri.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
                || uri.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase)
                || _origins.Contains($"{uri.Scheme}://{uri.Host}:*"));
    }

    private static string SchemeOf(string origin) =>
        origin.IndexOf("://", StringComparison.Ordinal) is > 0 and var end ? origin[..end] : "";
}
