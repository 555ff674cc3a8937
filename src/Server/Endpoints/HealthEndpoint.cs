using FastEndpoints;

namespace ModelRunner.Server.Endpoints;

/// <summary>Liveness: the process answers. Says nothing about models.</summary>
internal sealed class HealthEndpoint : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/health");
        AllowAnonymous();
        Description(route => route.WithSummary("200 while the process lives; needs no key"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        HttpContext.Response.ContentType = "application/json; charset=utf-8";
        return HttpContext.Response.WriteAsync("{\"status\":\"ok\"}", cancellationToken);
    }
}
