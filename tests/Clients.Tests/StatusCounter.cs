using System.Net;

namespace ModelRunner.Clients.Tests;

/// <summary>Sees the answers that an SDK retries.</summary>
internal sealed class StatusCounter() : DelegatingHandler(new HttpClientHandler())
{
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the first 429.</summary>
    public Task FirstRefusal => _refused.Task;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.TooManyRequests) _refused.TrySetResult();
        return response;
    }
}
