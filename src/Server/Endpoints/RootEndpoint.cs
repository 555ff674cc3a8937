using FastEndpoints;

namespace ModelRunner.Server.Endpoints;

/// <summary>Tells a person with a browser that this is the right address.</summary>
internal sealed class RootEndpoint : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/");
        AllowAnonymous();
        Description(route => route.WithSummary("That this is the right address; needs no key"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken) =>
        HttpContext.Response.WriteAsync("ModelRunner is running\n", cancellationToken);
}
