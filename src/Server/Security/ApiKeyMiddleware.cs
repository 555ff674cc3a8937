using System.Security.Cryptography;
using System.Text;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Security;

/// <summary>
/// Asks for the key on every address but two, whatever routes there are: a new one is closed until it shows the key.
/// </summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, ServerOptions options)
{
    private const string Scheme = "Bearer ";

    // Compared as digests: of one length whatever is sent, in constant time.
    private readonly byte[]? _digest = options.ApiKey is { } key ? Digest(key) : null;

    /// <summary>The addresses that need no key: that the server is there, and that it lives.</summary>
    public static IReadOnlyList<string> OpenPaths { get; } = ["/", "/health"];

    public Task InvokeAsync(HttpContext context)
    {
        if (_digest is null || OpenPaths.Contains(context.Request.Path.Value) || IsRight(context.Request.Headers))
            return next(context);
        throw new AccessDeniedException(
            AccessDeniedException.InvalidKey, "The API key is missing or wrong. Send it as 'Authorization: Bearer' or 'x-api-key'.");
    }

    private bool IsRight(IHeaderDictionary headers)
    {
        var authorization = headers.Authorization.ToString();
        var bearer = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : null;
        return IsRight(bearer) | IsRight(headers["x-api-key"].ToString());
    }

    private bool IsRight(string? key) =>
        !string.IsNullOrEmpty(key) && CryptographicOperations.FixedTimeEquals(Digest(key), _digest);

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
