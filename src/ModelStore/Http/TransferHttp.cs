using System.Net;
using System.Net.Http.Headers;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Http;

/// <summary>
/// Sends requests to hosts that users name, and follows redirects: without credentials to another host, never from TLS to
/// none, and to addresses of the open internet alone unless the operator allows others. Thread-safe.
/// </summary>
internal sealed class TransferHttp : IDisposable
{
    private const int MaxRedirects = 8;
    private static readonly TimeSpan HeaderTime = TimeSpan.FromSeconds(60);
    private readonly HttpClient _named;
    private readonly HttpClient _redirected;
    private readonly bool _allowsPrivate;
    private readonly TimeProvider _time;

    public TransferHttp(TransferOptions options, TimeProvider time)
    {
        _allowsPrivate = options.AllowPrivateRedirects;
        _time = time;
        _named = Create(address => !AddressRules.IsLinkLocal(address), options.Proxy);
        _redirected = Create(IsRedirectAllowed, options.Proxy);
    }

    /// <summary>Sends a request and gives the first response that is no redirect, when its headers are there.</summary>
    /// <param name="uri">Where to.</param>
    /// <param name="create">Makes the request for an address: called again after a redirect.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="named">The host that the user named, where it is not that of <paramref name="uri"/>.</param>
    /// <exception cref="HttpRequestException">The host cannot be reached.</exception>
    /// <exception cref="TransferException">A redirect leads where we do not go.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        Uri uri, Func<Uri, HttpRequestMessage> create, CancellationToken cancellationToken, Uri? named = null)
    {
        var current = uri;
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            var isNamed = IsSameOrigin(named ?? uri, current);
            if (!isNamed) CheckLiteral(current);
            using var request = create(current);
            if (!isNamed) request.Headers.Authorization = null;
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("modelrunner", "1"));
            var response = await SendOnceAsync(isNamed ? _named : _redirected, request, cancellationToken);
            if (GetTarget(response, current) is not { } target) return response;
            response.Dispose();
            if (target.Scheme != Uri.UriSchemeHttps && (target.Scheme != Uri.UriSchemeHttp || current.Scheme == Uri.UriSchemeHttps))
                throw Refused(current, target, "which is not encrypted");
            current = target;
        }

        throw new TransferException(TransferException.Unavailable, $"'{uri.Host}' redirects without end.");
    }

    public void Dispose()
    {
        _named.Dispose();
        _redirected.Dispose();
    }

    public static bool IsSameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private async Task<HttpResponseMessage> SendOnceAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(HeaderTime, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // An upload may take its time: its source is watched instead.
            var stop = request.Content is null ? linked.Token : cancellationToken;
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        }
        catch (HttpRequestException exception) when (exception.InnerException is TransferException refused)
        {
            throw refused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"'{request.RequestUri?.Host}' does not answer.");
        }
    }

    private static Uri? GetTarget(HttpResponseMessage response, Uri current) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location
            ? new Uri(current, location)
            : null;

    private bool IsRedirectAllowed(IPAddress address) =>
        AddressRules.IsPublic(address) || (_allowsPrivate && !AddressRules.IsLinkLocal(address));

    private void CheckLiteral(Uri target)
    {
        if (IPAddress.TryParse(target.IdnHost.Trim('[', ']'), out var address) && !IsRedirectAllowed(address))
            throw Refused(null, target, "an address of the local network");
    }

    private static TransferException Refused(Uri? from, Uri to, string why) => new(
        TransferException.AddressRefused,
        $"{(from is null ? "A host" : $"'{from.Host}'")} redirects to '{to.Host}', {why}; transfers do not follow.");

    private static HttpClient Create(Func<IPAddress, bool> isAllowed, IWebProxy? proxy) =>
        new(new GuardedConnector(isAllowed).CreateHandler(proxy), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
}
